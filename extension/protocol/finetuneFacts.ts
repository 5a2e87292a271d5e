import { type LabelName, listOf, type Say, splitLabels } from './labels.ts';
import type { Numbers } from './numbers.ts';
import type { FinetuneOptions } from './recipe.ts';
import { recoveryText } from './recipeFacts.ts';
import type { FinetuneReport } from './report.ts';

/** Why not all epochs were trained. */
const endings: Record<FinetuneReport['stopped'], LabelName | undefined> = {
  done: undefined,
  early: 'stoppedEarly',
  cancelled: 'stoppedCancelled',
};
/** As their authors write them. */
export const optimizerNames: Record<FinetuneReport['optimizer'], string> = {
  adam: 'Adam',
  sgd: 'SGD',
  rmsprop: 'RMSprop',
};

/** How a model was trained further by a recipe, as pairs of label and text. */
export function finetuneFacts(
  finetune: FinetuneReport,
  recipe: FinetuneOptions,
  say: Say,
  numbers: Numbers,
): [label: LabelName, text: string][] {
  const { epochs, kept, stopped, resumedAt, optimizer, learningRate, validationSplit } = finetune;
  const samples = (count: number) => say('samples', { count: numbers.count(count) });
  const total = recipe.epochs ?? epochs.length;
  const counts = { count: numbers.count(epochs.length), total: numbers.count(total) };
  const ending = endings[stopped];
  const course = [
    total === 1 && epochs.length === 1 ? say('oneEpoch') : say('epochsDone', counts),
    ...(ending ? [say(ending)] : []),
    kept === 0 ? say('weightsUntrained') : say('weightsOfEpoch', { epoch: numbers.count(kept) }),
    ...(resumedAt === undefined ? [] : [say('resumedAt', { epoch: numbers.count(resumedAt) })]),
  ];
  const part = say(validationSplit === 'held' ? 'splitHeld' : splitLabels[validationSplit]);
  const rate = numbers.rate(learningRate);
  return [
    ['finetuning', listOf(course, say)],
    ...recoveryFacts(finetune, say, numbers),
    ['optimizer', say('optimizerAt', { optimizer: optimizerNames[optimizer], rate })],
    ...maskFacts(finetune, say, numbers),
    ['trainedOn', samples(finetune.trainSamples)],
    ['validatedOn', listOf([part, samples(finetune.validationSamples)], say)],
  ];
}

/** Learning from the targets alone is what is expected. */
function recoveryFacts(finetune: FinetuneReport, say: Say, numbers: Numbers): [LabelName, string][] {
  if (finetune.recovery === 'supervised') return [];
  return [['trainedBy', recoveryText(finetune, say, numbers)]];
}

function maskFacts({ masks }: FinetuneReport, say: Say, numbers: Numbers): [LabelName, string][] {
  if (!masks || masks.updates === 0) return [];
  const { updates, lastStep, regrown } = masks;
  const course = [
    say('maskChangesText', { count: numbers.count(updates), step: numbers.count(lastStep) }),
    ...(regrown > 0 ? [say('weightsRegrown', { count: numbers.count(regrown) })] : []),
  ];
  return [['maskChanges', listOf(course, say)]];
}

/** The columns of a table with a row for each epoch. */
export const epochColumns = [
  'epoch',
  'trainingLoss',
  'validationLoss',
  'sparsity',
  'learningRate',
  'seconds',
] as const satisfies readonly LabelName[];

export function epochRows({ epochs }: FinetuneReport, numbers: Numbers): string[][] {
  return epochs.map(({ epoch, loss, validationLoss, sparsity, learningRate, seconds }) => [
    numbers.count(epoch),
    numbers.quantity(loss),
    numbers.quantity(validationLoss),
    numbers.percent(sparsity),
    numbers.rate(learningRate),
    numbers.seconds(seconds),
  ]);
}

/** The course of the losses in a sentence. */
export function curveText(finetune: FinetuneReport, say: Say, numbers: Numbers): string {
  const { epochs, best, validationLossBefore } = finetune;
  const [first, last] = [epochs[0], epochs[epochs.length - 1]];
  const course = {
    trainFirst: numbers.quantity(first.loss),
    trainLast: numbers.quantity(last.loss),
    validFirst: numbers.quantity(first.validationLoss),
    validLast: numbers.quantity(last.validationLoss),
  };
  return best === 0
    ? say('lossCurveTextWorse', { ...course, before: numbers.quantity(validationLossBefore) })
    : say('lossCurveText', { ...course, best: numbers.count(best) });
}
