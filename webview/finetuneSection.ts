import { epochColumns, epochRows, finetuneFacts } from '../extension/protocol/finetuneFacts.ts';
import { formatMeasure, measuresOf } from '../extension/protocol/measures.ts';
import type { FinetuneReport, PruneReport } from '../extension/protocol/report.ts';
import type { Drawing } from './context.ts';
import { details } from './details.ts';
import { element } from './dom.ts';
import { figureTable } from './figureTable.ts';
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
  const heads = (['measure', 'before', 'pruned', 'after'] as const).map((label) => say(label));
  const rows = measures.map(({ label, args, unit, before, pruned, after }): [string, ...string[]] => {
    const text = (value: number | undefined) =>
      value === undefined ? say('notMeasured') : formatMeasure(value, unit, numbers);
    // Where training changed nothing, the pruned state is the one after.
    return [say(label, args), text(before), text(pruned ?? after), text(after)];
  });
  return figureTable('states', say('statesOfModel'), heads, rows);
}

function facts(report: PruneReport, finetune: FinetuneReport, { say, numbers }: Drawing): HTMLElement {
  const pairs = finetuneFacts(finetune, report.recipe, say, numbers).map(
    ([label, text]) => [say(label), text] as const,
  );
  return details([...pairs, [say('engine'), report.engine]]);
}

/** The chart's numbers, for those who do not see it and those who want them exactly. */
function epochTable(finetune: FinetuneReport, { say, numbers }: Drawing): HTMLElement {
  const heads = epochColumns.map((label) => say(label));
  const rows = epochRows(finetune, numbers) as [string, ...string[]][];
  return element(
    'details',
    { class: 'numbers-of-chart' },
    element('summary', {}, say('epochByEpoch')),
    figureTable('by-epoch', say('epochByEpoch'), heads, rows),
  );
}
