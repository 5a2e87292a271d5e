import { sizeText } from '../../protocol/countedLabels.ts';
import { inspectNotes } from '../../protocol/inspectNotes.ts';
import type {
  GateName,
  GateReport,
  InspectReport,
  LayerReport,
  MatrixStatistics,
} from '../../protocol/report.ts';
import { sayWith, type Translate, word } from '../../protocol/wording.ts';

/** One line of the text, and what of the model it shows. */
export interface GatesLine {
  readonly text: string;
  readonly layer?: LayerReport;
  readonly gate?: GateName;
}

/** How numbers are written in the reader's language. */
export interface NumberWords {
  readonly locale: string;
  percent(share: number): string;
  number(value: number): string;
}

export function numberWords(locale: string): NumberWords {
  const share = new Intl.NumberFormat(locale, {
    style: 'percent',
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  });
  const plain = new Intl.NumberFormat(locale, { maximumSignificantDigits: 3 });
  return { locale, percent: (value) => share.format(value), number: (value) => plain.format(value) };
}

/** A model as text: a heading, then one line a layer, one line a gate and one of a projection; behind them the notes. */
export function gatesText(
  name: string,
  report: InspectReport,
  t: Translate,
  { locale, percent, number }: NumberWords,
): GatesLine[] {
  const { format, sparsity, layers } = report;
  const heading = t('{name}: {format}, {share} of the prunable weights are zero; |w| is the mean magnitude', {
    name,
    format,
    share: percent(sparsity),
  });
  const lines: GatesLine[] = [{ text: heading }];
  for (const layer of layers) {
    const text = t('{layer}: {cell}, {size}, {share} zero', {
      layer: layer.name,
      cell: layer.cell,
      size: sizeText(layer.inputSize, layer.hiddenSize, sayWith(t)),
      share: percent(layer.sparsity),
    });
    lines.push({ text: '' }, { text, layer });
    for (const [gate, { kernel, recurrent }] of gateEntries(layer)) {
      const input = t('kernel {statistics}', { statistics: statistics(kernel) });
      const own = t('recurrent {statistics}', { statistics: statistics(recurrent) });
      lines.push({ text: `  ${gate}  ${input} ${own}`.trimEnd(), layer, gate });
    }
    if (layer.projection) {
      const text = t('projection {statistics}', { statistics: statistics(layer.projection) });
      lines.push({ text: `  ${text}`.trimEnd(), layer });
    }
  }
  const notes = inspectNotes(report).map((note) => ({ text: word(note, t, locale) }));
  return notes.length > 0 ? [...lines, { text: '' }, ...notes] : lines;

  function statistics({ sparsity, nearZero, size, meanAbs }: MatrixStatistics): string {
    return t('{zero} zero, {near} near zero, |w| {mean}', {
      zero: percent(sparsity).padStart(6),
      near: percent(shareNearZero({ nearZero, size })).padStart(6),
      mean: number(meanAbs).padEnd(7),
    });
  }
}

/** The layer that line `line` of the model's text is about; its gates' lines included. */
export function layerAtLine({ layers }: InspectReport, line: number): LayerReport | undefined {
  let last = 0;
  for (const layer of layers) {
    // An empty line, the layer's own, one a gate and one of the projection.
    last += 2 + gateEntries(layer).length + (layer.projection ? 1 : 0);
    if (line <= last) return layer;
  }
  return undefined;
}

/** The gates of a layer with their names. */
export function gateEntries(layer: LayerReport): [GateName, GateReport][] {
  return Object.entries(layer.gates) as [GateName, GateReport][];
}

/** Share of values below a tenth of the mean magnitude of their matrix, 0…1. */
export function shareNearZero({ nearZero, size }: Pick<MatrixStatistics, 'nearZero' | 'size'>): number {
  return size === 0 ? 0 : nearZero / size;
}
