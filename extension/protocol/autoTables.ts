import { type Allocation, type AutoReport, type AutoTrial, bestTrial } from './auto.ts';
import { type LabelName, listOf, type Say, splitLabels } from './labels.ts';
import type { Numbers } from './numbers.ts';
import type { TextColumns } from './sensitivityTables.ts';

const allocationLabels: Record<Allocation, LabelName> = {
  sensitivity: 'allocationSensitivity',
  uniform: 'allocationUniform',
};

const endings: Record<AutoReport['stopped'], LabelName> = {
  settled: 'endedSettled',
  trials: 'endedTrials',
  time: 'endedTime',
  cancelled: 'endedCancelled',
};

/** Columns of the table of trials that are texts, beside the first. */
export const trialTextColumns: readonly number[] = [1, 8, 9];
/** The one that can be left out where there is little room: it follows from the nonzero weights. */
export const spareColumn = 4;

/** The model as it is, and every trial: how much is left of it, its losses, and whether it is within the budget and on the front. */
export function trialsTable(report: AutoReport, say: Say, numbers: Numbers): TextColumns {
  const { before, trials, data } = report;
  return {
    head: [
      say('trial'),
      say('allocation'),
      say('sparsity'),
      say('nonzero'),
      say('gzipSize'),
      say('validationLoss'),
      say('change'),
      say('lossOnPart', { part: say(splitLabels[data.split]) }),
      say('budget'),
      say('front'),
      say('seconds'),
    ],
    rows: [
      [say('trialUnpruned'), '', ...measured(before, report, numbers), '', '', ''],
      ...trials.map((trial) => [
        numbers.count(trial.id),
        say(allocationLabels[trial.allocation]),
        ...measured(trial.result, report, numbers),
        verdict(trial, report, say),
        report.front.includes(trial.id) ? say('onFront') : '',
        numbers.seconds(trial.seconds),
      ]),
    ],
  };
}

function measured(
  result: AutoReport['before'] | undefined,
  { before }: AutoReport,
  numbers: Numbers,
): string[] {
  if (!result) return Array(6).fill('–');
  const { sparsity, sizes, validationLoss, loss } = result;
  const change = (validationLoss - before.validationLoss) / Math.abs(before.validationLoss);
  return [
    numbers.percent(sparsity),
    numbers.count(sizes.nonzero),
    numbers.bytes(sizes.gzip),
    numbers.quantity(validationLoss),
    result === before || before.validationLoss === 0 ? '' : numbers.signedPercent(change),
    numbers.quantity(loss),
  ];
}

/** Whether a trial is within the budget, or the chosen one. */
export function verdict(
  { id, within, failure }: AutoTrial,
  { best }: Pick<AutoReport, 'best'>,
  say: Say,
): string {
  if (failure) return say('trialFailed');
  return say(id === best ? 'budgetChosen' : within ? 'budgetWithin' : 'budgetBeyond');
}

/** What was found, in a sentence. */
export function resultText({ trials, best, limits, before }: AutoReport, say: Say, numbers: Numbers): string {
  const result = bestTrial({ trials, best })?.result;
  if (!result) return '';
  return say('autoResult', {
    trial: numbers.count(best),
    sparsity: numbers.percent(result.sparsity),
    count: numbers.count(result.sizes.nonzero),
    loss: numbers.quantity(result.validationLoss),
    limit: numbers.quantity(limits.validation),
    before: numbers.quantity(before.validationLoss),
  });
}

/** What the columns mean. */
export function trialMeanings({ trials }: AutoReport, say: Say): string[] {
  const compares = trials.some(({ allocation }) => allocation === 'sensitivity');
  return [say('frontMeaning'), ...(compares ? [say('allocationMeaning')] : [])];
}

/** How many trials were made, and why no more. */
export function endingText({ stopped, trials }: AutoReport, say: Say, numbers: Numbers): string {
  return say(endings[stopped], { count: numbers.count(trials.length) });
}

/** What trials were compared by. */
export function validationText({ validation }: AutoReport, say: Say, numbers: Numbers): string {
  const { split, samples } = validation;
  const part = say(split === 'held' ? 'splitHeld' : splitLabels[split]);
  return listOf([part, say('samples', { count: numbers.count(samples) })], say);
}
