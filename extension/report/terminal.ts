import { describeLayer, type LayerRows, layerRows, projectionText } from '../protocol/comparison.ts';
import { controlTable } from '../protocol/controlTable.ts';
import type { ConvertReport } from '../protocol/conversion.ts';
import { epochColumns, epochRows, finetuneFacts } from '../protocol/finetuneFacts.ts';
import { includedTable } from '../protocol/includedTable.ts';
import { inspectNotes } from '../protocol/inspectNotes.ts';
import { gateLabels, type Say } from '../protocol/labels.ts';
import { evaluationMeasures, formatMeasure, measuresOf, measureTable } from '../protocol/measures.ts';
import { type Numbers, numbersFor } from '../protocol/numbers.ts';
import type { Recipe } from '../protocol/recipe.ts';
import type {
  EvaluateReport,
  FinetuneReport,
  InspectReport,
  MatrixStatistics,
  PruneReport,
} from '../protocol/report.ts';
import { sayWith, type Translate, word } from '../protocol/wording.ts';
import { list, sections, someOf } from './terminalText.ts';
import { dataText } from './text.ts';
import { bar, displayWidth, drawTable } from './textTable.ts';

/** Of the epochs at each end. */
const shownRows = 10;

/** A model's gates for people: plain text, one table a layer. No line break at the end. */
export function inspectTable(report: InspectReport, t: Translate, locale = 'en'): string {
  const say = sayWith(t);
  const numbers = numbersFor(locale);
  const facts = [
    report.format,
    numbers.bytes(report.bytes),
    say('parameterCount', { count: numbers.count(report.parameters) }),
    `${say('sparsity')} ${numbers.percent(report.sparsity)}`,
  ];
  const layers = layerRows(report).map((layer) => inspectedLayer(layer, say, numbers));
  const notes = inspectNotes(report).map((note) => word(note, t, locale));
  return sections(facts.join(' · '), ...layers, list(notes, say));
}

/** Loss and metrics for people. */
export function evaluateTable(report: EvaluateReport, t: Translate, locale = 'en'): string {
  const say = sayWith(t);
  const numbers = numbersFor(locale);
  const rows = [
    ...evaluationMeasures(report).map((line) => [
      say(line.label, line.args),
      formatMeasure(line.after ?? Number.NaN, line.unit, numbers),
    ]),
    [say('data'), dataText(report, say, numbers)],
    [say('engine'), report.engine],
    [say('seconds'), numbers.seconds(report.seconds)],
  ];
  const notes = report.notes.map((note) => word(note, t, locale));
  return sections(drawTable({ headings: [], rows }), list(notes, say));
}

/** What a conversion wrote, for people. */
export function convertTable(report: ConvertReport, t: Translate, locale = 'en'): string {
  const say = sayWith(t);
  const numbers = numbersFor(locale);
  const { before, after } = report.bytes;
  const rows = [
    [say('output'), report.output],
    [say('format'), report.format],
    [say('fileSize'), `${numbers.bytes(before)} → ${numbers.bytes(after)}`],
    ...(report.divergence
      ? [
          [
            say(report.divergence.kind === 'kl' ? 'divergenceKl' : 'divergenceMse'),
            numbers.quantity(report.divergence.value),
          ],
        ]
      : []),
    [say('seconds'), numbers.seconds(report.seconds)],
  ];
  const notes = report.notes.map((note) => word(note, t, locale));
  return sections(drawTable({ headings: [], rows }), list(notes, say));
}

/** What a prune did, for people: before and after, each gate, notes, and where the output is. */
export function pruneTable(report: PruneReport, t: Translate, locale = 'en'): string {
  const say = sayWith(t);
  const numbers = numbersFor(locale);
  const notes = report.notes.map((note) => word(note, t, locale));
  const how = [
    ...(report.data ? [[say('data'), dataText(report.data, say, numbers)]] : []),
    ...(report.engine ? [[say('engine'), report.engine]] : []),
    [say('seconds'), numbers.seconds(report.seconds)],
    [say('output'), report.output],
  ];
  return sections(
    measures(report, say, numbers),
    ...(report.finetune ? finetuneSection(report.finetune, report.recipe, say, numbers) : []),
    ...controlSection(report, say, numbers),
    ...layerRows(report.before, report.after).map((layer) => prunedLayer(layer, say, numbers)),
    ...includedSection(report, say, numbers),
    list(notes, say),
    drawTable({ headings: [], rows: how }),
  );
}

function measures(report: PruneReport, say: Say, numbers: Numbers): string {
  const { head, rows } = measureTable(measuresOf(report), say, numbers);
  // What a line measures needs no heading.
  const [, ...states] = head;
  const headings = [{ text: '' }, ...states.map((label) => ({ text: say(label) }))];
  return drawTable({ headings, rows, right: [...states.keys()].map((at) => at + 1) });
}

function finetuneSection(finetune: FinetuneReport, recipe: Recipe, say: Say, numbers: Numbers): string[] {
  const facts = finetuneFacts(finetune, recipe, say, numbers).map(([label, text]) => [say(label), text]);
  const headings = epochColumns.map((label) => ({ text: say(label) }));
  const rows = epochRows(finetune, numbers);
  const parts = [drawTable({ headings: [], rows: facts })];
  if (rows.length > 0) parts.push(drawTable({ headings, rows: someRows(rows), right: [...headings.keys()] }));
  return parts;
}

/** The first and the last of many rows; a terminal is not high. */
function someRows(rows: readonly string[][]): readonly string[][] {
  if (rows.length <= 2 * shownRows + 1) return rows;
  const gap = rows[0].map(() => '…');
  return [...rows.slice(0, shownRows), gap, ...rows.slice(-shownRows)];
}

function controlSection(report: PruneReport, say: Say, numbers: Numbers): string[] {
  const table = controlTable(report, say, numbers);
  if (!table) return [];
  // What a line measures needs no heading.
  const headings = table.head.map((text, at) => ({ text: at === 0 ? '' : text }));
  const drawn = drawTable({ headings, rows: table.rows, right: [1, 2] });
  return [`${say('controlTitle')}\n${drawn}\n${say('controlText')}`];
}

function includedSection(report: PruneReport, say: Say, numbers: Numbers): string[] {
  const table = includedTable(report, say, numbers);
  if (!table) return [];
  const headings = table.head.map((text) => ({ text }));
  return [`${say('includedWeights')}\n${drawTable({ headings, rows: table.rows, right: [1, 2, 3] })}`];
}

function inspectedLayer(layer: LayerRows, say: Say, numbers: Numbers): string {
  const cells = (statistics: MatrixStatistics) => [
    numbers.percent(statistics.sparsity),
    bar(statistics.sparsity),
    numbers.percent(statistics.nearZero / Math.max(1, statistics.size)),
    numbers.magnitude(statistics.meanAbs),
  ];
  const table = drawTable({
    headings: [
      { text: say('gate'), span: 2 },
      { text: say('kernel'), span: 2 },
      { text: say('zeroNearly') },
      { text: say('meanAbs', { value: '' }).trim() },
      { text: say('recurrent'), span: 2 },
      { text: say('zeroNearly') },
      { text: say('meanAbs', { value: '' }).trim() },
    ],
    rows: layer.rows.map((row) => [
      row.gate,
      say(gateLabels[row.gate]),
      ...cells(row.kernel.before),
      ...cells(row.recurrent.before),
    ]),
    right: [2, 4, 5, 6, 8, 9],
  });
  return [layerTitle(layer, say, numbers), table, ...projectionLine(layer, say, numbers)].join('\n');
}

function prunedLayer(layer: LayerRows, say: Say, numbers: Numbers): string {
  const cells = ({ before, after = before }: LayerRows['rows'][number]['kernel']) => [
    numbers.percent(before.sparsity),
    '→',
    numbers.percent(after.sparsity),
    bar(after.sparsity),
  ];
  const table = drawTable({
    headings: [
      { text: say('gate'), span: 2 },
      { text: say('kernel'), span: 4 },
      { text: say('recurrent'), span: 4 },
    ],
    rows: layer.rows.map((row) => [
      row.gate,
      say(gateLabels[row.gate]),
      ...cells(row.kernel),
      ...cells(row.recurrent),
    ]),
    right: [2, 4, 6, 8],
  });
  return [layerTitle(layer, say, numbers), table, ...projectionLine(layer, say, numbers)].join('\n');
}

function projectionLine(layer: LayerRows, say: Say, numbers: Numbers): string[] {
  const text = projectionText(layer, say, numbers);
  return text === undefined ? [] : [text];
}

function layerTitle(layer: LayerRows, say: Say, numbers: Numbers): string {
  const { before, after } = layer;
  const share = after
    ? say('fromTo', { before: numbers.percent(before.sparsity), after: numbers.percent(after.sparsity) })
    : numbers.percent(before.sparsity);
  const title = [before.name, describeLayer(layer, say), `${say('sparsity')} ${share}`];
  const { deadUnits } = after ?? before;
  if (deadUnits.length > 0) title.push(say('deadUnits', { units: someOf(deadUnits, say) }));
  const line = title.join(' · ');
  return `${line}\n${'─'.repeat(Math.min(100, displayWidth(line)))}`;
}
