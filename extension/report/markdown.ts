import {
  describeLayer,
  type LayerRows,
  layerRows,
  matrices,
  matrixShape,
  projectionText,
} from '../protocol/comparison.ts';
import { controlTable } from '../protocol/controlTable.ts';
import { epochColumns, epochRows, finetuneFacts } from '../protocol/finetuneFacts.ts';
import { includedTable } from '../protocol/includedTable.ts';
import { gateLabels, listOf, type Say } from '../protocol/labels.ts';
import { measuresOf, measureTable } from '../protocol/measures.ts';
import { type Numbers, numbersFor } from '../protocol/numbers.ts';
import type { Recipe } from '../protocol/recipe.ts';
import type { FinetuneReport, PruneReport } from '../protocol/report.ts';
import { sayWith, type Translate, word } from '../protocol/wording.ts';
import { code, escaped, table } from './markdownText.ts';
import { recipeBlock } from './recipeFile.ts';
import { pruneFacts, titleOf } from './text.ts';

/**
 * The report as GitHub-flavoured Markdown, ending in a line break.
 * @param path where it will be; paths in its recipe begin there
 */
export function renderMarkdown(
  report: PruneReport,
  t: Translate,
  locale = 'en',
  path: string = report.output,
): string {
  const say = sayWith(t);
  const numbers = numbersFor(locale);
  const parts = [
    `# ${escaped(titleOf(report, say))}`,
    measures(report, say, numbers),
    ...(report.finetune ? finetuneSection(report.finetune, report.recipe, say, numbers) : []),
    ...controlSection(report, say, numbers),
    ...layerRows(report.before, report.after).map((layer) => layerSection(layer, say, numbers)),
    ...includedSection(report, say, numbers),
  ];
  if (report.notes.length > 0) {
    parts.push(
      `## ${say('notes')}`,
      report.notes.map((note) => `- ${escaped(word(note, t, locale))}`).join('\n'),
    );
  }
  const facts = pruneFacts(report, say, numbers);
  parts.push(facts.map(([label, text]) => `- ${say(label)}: ${code(text)}`).join('\n'));
  parts.push(recipeBlock(report.recipe, path, say));
  return `${parts.join('\n\n')}\n`;
}

function measures(report: PruneReport, say: Say, numbers: Numbers): string {
  const { head, rows } = measureTable(measuresOf(report), say, numbers);
  return table(
    head.map((label) => say(label)),
    rows,
  );
}

function finetuneSection(finetune: FinetuneReport, recipe: Recipe, say: Say, numbers: Numbers): string[] {
  const facts = finetuneFacts(finetune, recipe, say, numbers).map(
    ([label, text]) => `- ${say(label)}: ${escaped(text)}`,
  );
  const parts = [`## ${say('finetuning')}`, facts.join('\n')];
  if (finetune.epochs.length === 0) return parts;
  const head = epochColumns.map((label) => say(label));
  return [...parts, table(head, epochRows(finetune, numbers))];
}

function controlSection(report: PruneReport, say: Say, numbers: Numbers): string[] {
  const control = controlTable(report, say, numbers);
  return control
    ? [`## ${say('controlTitle')}`, table(control.head, control.rows), escaped(say('controlText'))]
    : [];
}

function includedSection(report: PruneReport, say: Say, numbers: Numbers): string[] {
  const included = includedTable(report, say, numbers);
  return included ? [`## ${say('includedWeights')}`, table(included.head, included.rows)] : [];
}

function layerSection(layer: LayerRows, say: Say, numbers: Numbers): string {
  const { before, after = before } = layer;
  const head = [
    say('gate'),
    ...matrices.map((matrix) => `${say(matrix)} ${matrixShape(before, matrix)}`),
    say('bias'),
  ];
  const share = ({ before, after = before }: LayerRows['rows'][number]['kernel']) =>
    say('fromTo', { before: numbers.percent(before.sparsity), after: numbers.percent(after.sparsity) });
  const rows = layer.rows.map((row) => [
    `${row.gate} (${say(gateLabels[row.gate])})`,
    ...matrices.map((matrix) => share(row[matrix])),
    row.bias ? share(row.bias) : say('noBias'),
  ]);
  const dead = after.deadUnits.length > 0 ? [say('deadUnits', { units: listOf(after.deadUnits, say) })] : [];
  const projection = projectionText(layer, say, numbers);
  return [
    `## ${escaped(before.name)}`,
    describeLayer(layer, say),
    table(head, rows),
    ...(projection === undefined ? [] : [projection]),
    ...dead,
  ].join('\n\n');
}
