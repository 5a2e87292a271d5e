import { epochColumns, epochRows, finetuneFacts } from '../extension/protocol/finetuneFacts.ts';
import { formatMeasure, measuresOf } from '../extension/protocol/measures.ts';
import type { FinetuneReport, PruneReport } from '../extension/protocol/report.ts';
import type { Drawing } from './context.ts';
import { details } from './details.ts';
import { element } from './dom.ts';
import { lossChart } from './lossChart.ts';

/** How the pruned model was trained further: the three states, what was done, and the losses epoch by epoch. */
export function finetuneSection(report: PruneReport, drawing: Drawing): HTMLElement | undefined {
  const { finetune } = report;
  if (!finetune) return undefined;
  const curve =
    finetune.epochs.length > 0 ? [lossChart(finetune, drawing), epochTable(finetune, drawing)] : [];
  return element(
    'section',
    { class: 'finetune', 'aria-label': drawing.say('finetuning') },
    element('h2', {}, drawing.say('finetuning')),
    statesTable(report, drawing),
    facts(report, finetune, drawing),
    ...curve,
  );
}

/** Before, pruned and after, side by side; sizes stand in the cards. */
function statesTable(report: PruneReport, { say, numbers }: Drawing): HTMLElement {
  const measures = measuresOf(report).filter(({ unit }) => unit !== 'bytes' && unit !== 'count');
  const heads = (['measure', 'before', 'pruned', 'after'] as const).map((label) =>
    element('th', { scope: 'col' }, say(label)),
  );
  const rows = measures.map(({ label, args, unit, before, pruned, after }) => {
    const text = (value: number | undefined) =>
      value === undefined ? say('notMeasured') : formatMeasure(value, unit, numbers);
    return element(
      'tr',
      {},
      element('th', { scope: 'row' }, say(label, args)),
      // Where training changed nothing, the pruned state is the one after.
      ...[before, pruned ?? after, after].map((value) => element('td', {}, text(value))),
    );
  });
  return table('states', say('statesOfModel'), heads, rows);
}

function facts(report: PruneReport, finetune: FinetuneReport, { say, numbers }: Drawing): HTMLElement {
  const pairs = finetuneFacts(finetune, report.recipe, say, numbers).map(
    ([label, text]) => [say(label), text] as const,
  );
  return details([...pairs, [say('engine'), report.engine]]);
}

/** The chart's numbers, for those who do not see it and those who want them exactly. */
function epochTable(finetune: FinetuneReport, { say, numbers }: Drawing): HTMLElement {
  const heads = epochColumns.map((label) => element('th', { scope: 'col' }, say(label)));
  const rows = epochRows(finetune, numbers).map(([epoch, ...figures]) =>
    element(
      'tr',
      {},
      element('th', { scope: 'row' }, epoch),
      ...figures.map((text) => element('td', {}, text)),
    ),
  );
  return element(
    'details',
    { class: 'epochs' },
    element('summary', {}, say('epochByEpoch')),
    table('by-epoch', say('epochByEpoch'), heads, rows),
  );
}

function table(
  name: string,
  caption: string,
  heads: readonly HTMLElement[],
  rows: readonly HTMLElement[],
): HTMLElement {
  return element(
    'table',
    { class: `figures ${name}` },
    element('caption', { class: 'unseen' }, caption),
    element('thead', {}, element('tr', {}, ...heads)),
    element('tbody', {}, ...rows),
  );
}
