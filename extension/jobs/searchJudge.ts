import type { BareSamples } from '../data/dataset.ts';
import { loadTraining } from '../data/split.ts';
import { openModel } from '../formats/open.ts';
import type { AutoReport } from '../protocol/auto.ts';
import type { Message } from '../protocol/messages.ts';
import type { Recipe } from '../protocol/recipe.ts';
import type { Surroundings } from '../protocol/requests.ts';
import { UserError } from '../protocol/userError.ts';
import { withPlan } from '../pruning/masks.ts';
import { planOf, standInFor } from '../pruning/plan.ts';
import { firstSparsity } from '../pruning/searchStep.ts';
import { chooseEngine } from '../training/chooseEngine.ts';
import { evaluateGraph } from '../training/evaluate.ts';
import { type ReportedSamples, readBareSamples, readSamples } from '../training/samples.ts';
import { trains } from './asked.ts';
import { engineOptions } from './engineOptions.ts';
import { evaluableGraph } from './evaluable.ts';

/** By what the trials of a search are compared. */
export interface SearchJudge {
  /** The part that is reported, and decides nothing. */
  readonly reported: ReportedSamples<BareSamples>;
  /** The part that decides, with the same loss. */
  readonly validation: ReportedSamples<BareSamples>;
  readonly split: AutoReport['validation']['split'];
  /** Of all that the search computes; they name an engine. */
  readonly engineOptions: Awaited<ReturnType<typeof chooseEngine>>['options'];
  readonly notes: readonly Message[];
}

/**
 * Reads what trials are compared by: the samples that fine-tuning compares its epochs by, never the reported ones unless there are no
 * others; that some of them are reported is noted. Throws `UserError` targetsNeeded where there is no loss.
 */
export async function openSearchJudge(
  path: string,
  base: Recipe,
  surroundings: Surroundings,
  signal: AbortSignal,
): Promise<SearchJudge> {
  const model = await openModel(path);
  try {
    const graph = evaluableGraph(model);
    const read = base.recovery === 'unsupervised' ? readBareSamples : readSamples;
    const reported = await read(graph, base, model.training, signal);
    const { split, samples, notes } = await comparedPart(reported, signal);
    const { targets } = samples;
    if (!reported.loss || !targets) throw new UserError('targetsNeeded', { file: reported.dataset.file });
    const validation = { ...reported, samples: { ...samples, targets } };
    // As the first trial will train it: what is pruned costs one engine nothing.
    const plan = standInFor(planOf({ ...base, sparsity: firstSparsity }, model));
    const masked = <T>(work: () => Promise<T>) => withPlan(plan, { file: path }, work);
    const use = { samples: validation, batch: base.batch, trains: trains(base), masked };
    const engine = await chooseEngine(graph, engineOptions(base, surroundings), use);
    return {
      reported,
      validation,
      split,
      engineOptions: engine.options,
      notes: [...reported.notes, ...notes, ...engine.notes],
    };
  } finally {
    await model.close();
  }
}

async function comparedPart(
  {
    dataset,
    split,
    samples,
  }: Pick<ReportedSamples<BareSamples>, 'dataset' | 'split'> & { samples: BareSamples },
  signal: AbortSignal,
): Promise<{ samples: BareSamples; split: SearchJudge['split']; notes: Message[] }> {
  const { train, val } = dataset.parts;
  const isAmong: Message = { code: 'noteSearchReported', args: {} };
  if (val && val.count > 0 && split !== 'val')
    return { samples: await val.load(signal), split: 'val', notes: split === 'all' ? [isAmong] : [] };
  if (train && train.count > 0) {
    const { validation, validationSplit } = await loadTraining(dataset, { split, samples }, signal);
    const isApart = validation !== samples && split !== 'train' && split !== 'all';
    return { samples: validation, split: validationSplit, notes: isApart ? [] : [isAmong] };
  }
  return { samples, split, notes: [isAmong] };
}

/** The validation loss of a model file. @param step called with the share that is done; throws to stop */
export async function validationLoss(
  path: string,
  { validation, engineOptions }: SearchJudge,
  batch: number | undefined,
  step: (done: number) => Promise<void>,
): Promise<number> {
  const model = await openModel(path);
  try {
    const { loss } = await evaluateGraph(evaluableGraph(model), validation, { batch, step }, engineOptions);
    return loss;
  } finally {
    await model.close();
  }
}
