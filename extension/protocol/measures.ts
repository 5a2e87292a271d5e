import type { LabelName, Say } from './labels.ts';
import type { Numbers } from './numbers.ts';
import type { EvaluateReport, ModelState, PruneReport } from './report.ts';
import { finestCurves, type SensitivityReport } from './sensitivity.ts';

/** One line of the comparison of a model before and after. */
export interface Measure {
  label: LabelName;
  /** Values for the label's braces. */
  args: Record<string, string>;
  before?: number;
  /** Present where training came after the pruning, so that it differs from `after`. */
  pruned?: number;
  after?: number;
  /** How its values read. */
  unit: 'fraction' | 'score' | 'quantity' | 'bytes' | 'count';
}

/** What is measured of a model's outputs. */
type Judged = Pick<ModelState, 'loss' | 'lossName' | 'metrics' | 'divergence'>;

/** One line of what is measured of outputs, for any state that was measured like another. */
interface OutputMeasure extends Pick<Measure, 'label' | 'args' | 'unit'> {
  pick(state: Judged): number | undefined;
}

/** The lines of a pruning report in the order in which they are read; what was not measured is left out. */
export function measuresOf(report: PruneReport): Measure[] {
  const { before, pruned, after } = report;
  const trained = report.finetune !== undefined;
  const lines: Measure[] = [];
  const add = (
    label: LabelName,
    unit: Measure['unit'],
    pick: (state: ModelState) => number | undefined,
    args: Record<string, string> = {},
  ): void => {
    const line: Measure = { label, args, unit };
    const [b, p, a] = [pick(before), pick(pruned), pick(after)];
    if (b === undefined && a === undefined) return;
    if (b !== undefined) line.before = b;
    if (trained && p !== undefined) line.pruned = p;
    if (a !== undefined) line.after = a;
    lines.push(line);
  };
  // What is not in the file any more is no zero in it.
  if (report.shrink) add('reduction', 'fraction', (state) => state.reduction);
  add('sparsity', 'fraction', (state) => state.sparsity);
  for (const { label, unit, pick, args } of outputMeasures({ ...before, ...after }))
    add(label, unit, pick, args);
  add('fileSize', 'bytes', (state) => state.sizes.file);
  add('gzipSize', 'bytes', (state) => state.sizes.gzip);
  add('nonzero', 'count', (state) => state.sizes.nonzero);
  return lines;
}

/** Loss, metrics and divergence in the order in which they are read. */
export function outputMeasures({ lossName, divergence }: Judged): OutputMeasure[] {
  const line = (
    label: LabelName,
    unit: Measure['unit'],
    pick: OutputMeasure['pick'],
    args: Measure['args'] = {},
  ): OutputMeasure => ({ label, unit, pick, args });
  const label = divergence?.kind === 'kl' ? 'divergenceKl' : 'divergenceMse';
  return [
    ...(lossName === undefined
      ? []
      : [line('loss', 'quantity', ({ loss }) => loss, { name: readable(lossName) })]),
    line('lossSum', 'quantity', ({ metrics }) => metrics?.sum),
    line('accuracy', 'score', ({ metrics }) => metrics?.accuracy),
    line('meanAbsoluteError', 'quantity', ({ metrics }) => metrics?.meanAbsoluteError),
    line('perplexity', 'quantity', ({ metrics }) => metrics?.perplexity),
    line('penalty', 'quantity', ({ metrics }) => metrics?.penalty),
    ...(divergence ? [line(label, 'quantity', (state) => state.divergence?.value)] : []),
  ];
}

/** The loss and metrics of an evaluation, in the same order. */
export function evaluationMeasures(report: EvaluateReport): Measure[] {
  return outputMeasures(report).flatMap(({ label, args, unit, pick }) => {
    const after = pick(report);
    return after === undefined ? [] : [{ label, args, unit, after }];
  });
}

/** The loss that sensitivities are told against, and over how many weights. */
export function sensitivityMeasures({ lossName, baseline, curves }: SensitivityReport): Measure[] {
  const weights = finestCurves(curves).reduce((sum, curve) => sum + curve.weights, 0);
  return [
    { label: 'loss', args: { name: readable(lossName) }, unit: 'quantity', after: baseline },
    { label: 'prunable', args: {}, unit: 'count', after: weights },
  ];
}

/** The comparison as a table: `head` names its columns, the first of which says what was measured. */
export interface MeasureTable {
  head: LabelName[];
  rows: string[][];
}

/** Lines side by side, with a column for the pruned state where training came after it. */
export function measureTable(lines: readonly Measure[], say: Say, numbers: Numbers): MeasureTable {
  const trained = lines.some((line) => line.pruned !== undefined);
  const states: ('before' | 'pruned' | 'after')[] = trained
    ? ['before', 'pruned', 'after']
    : ['before', 'after'];
  return {
    head: ['measure', ...states, 'change'],
    rows: lines.map((line) => [
      say(line.label, line.args),
      ...states.map((state) => {
        const value = line[state];
        return value === undefined ? say('notMeasured') : formatMeasure(value, line.unit, numbers);
      }),
      formatChange(line, numbers, say),
    ]),
  };
}

/** A value of a line as text. */
export function formatMeasure(value: number, unit: Measure['unit'], numbers: Numbers): string {
  switch (unit) {
    case 'fraction':
      return numbers.percent(value);
    case 'score':
      return numbers.score(value);
    case 'bytes':
      return numbers.bytes(value);
    case 'count':
      return numbers.count(value);
    default:
      return numbers.quantity(value);
  }
}

/** What changed, as text: fractions in percentage points, all else relative to before. Empty where nothing can be compared. */
export function formatChange({ before, after, unit }: Measure, numbers: Numbers, say: Say): string {
  if (before === undefined || after === undefined) return '';
  if (unit === 'fraction' || unit === 'score')
    return say('points', { value: numbers.points(after - before) });
  return before === 0 ? '' : numbers.signedPercent((after - before) / Math.abs(before));
}

/** `binary_crossentropy` as people write it. */
export function readable(lossName: string): string {
  return lossName.replaceAll('_', ' ');
}
