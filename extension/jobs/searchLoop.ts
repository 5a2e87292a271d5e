import { isDeepStrictEqual } from 'node:util';
import type { Allocation, AutoReport, AutoTrial, TrialResult } from '../protocol/auto.ts';
import type { Recipe } from '../protocol/recipe.ts';
import type { AutoRequest, SearchProgress } from '../protocol/requests.ts';
import { messageOf } from '../protocol/userError.ts';
import { type Level, searchStep, type TriedLevel } from '../pruning/searchStep.ts';
import type { CheckedSearch } from './autoChecks.ts';
import { breathe, type JobContext } from './context.ts';
import type { SearchGround } from './searchGround.ts';
import type { SearchJudge } from './searchJudge.ts';
import type { SearchWatch } from './searchProgress.ts';
import { runTrial, sparsityOf, trialRecipe } from './searchTrial.ts';
import type { KeptTrial, TrialFolder } from './trialFolder.ts';

/** What a search goes by. */
export interface Search extends CheckedSearch {
  readonly request: AutoRequest;
  readonly folder: TrialFolder;
  readonly judge: () => Promise<SearchJudge>;
  readonly ground: SearchGround;
  /** The highest validation loss that is within the budget. */
  readonly limit: number;
}

/** A trial as it is reported, and what else is kept of it. */
export interface Tried {
  readonly trial: AutoTrial;
  readonly asked: Recipe;
  readonly kept: KeptTrial;
}

/** One that came to something. */
export interface Succeeded extends Tried {
  readonly result: TrialResult;
}

/** Tries what the search step says, one after the other, until it says no more; what is kept of an earlier run is taken as it is. */
export async function tryAll(
  search: Search,
  watch: SearchWatch,
  context: JobContext,
): Promise<{ tried: Tried[]; stopped: AutoReport['stopped'] }> {
  const { base, ground } = search;
  const families: readonly [Allocation, Allocation?] =
    ground.curves.length > 1 ? ['sensitivity', 'uniform'] : ['uniform'];
  const tried: Tried[] = [];
  const levels: TriedLevel<Allocation>[] = [];
  for (;;) {
    const { spent, trials, time } = roomOf(search, tried);
    const left = Math.min(trials, time);
    const level = searchStep({ families, present: ground.present, tried: levels, left });
    if (!level) return { tried, stopped: left >= 1 ? 'settled' : trials < 1 ? 'trials' : 'time' };
    const asked = trialRecipe(base, ground, level);
    const same = tried.find((one) => isDeepStrictEqual(one.asked, asked));
    const id = tried.length + 1;
    const begins = { trial: id, sparsity: sparsityOf(level), ...bestSoFar(tried), spent };
    try {
      const kept = same?.kept ?? (await resultOf(asked, search, watch.trial(begins)));
      const trial = same?.trial ?? reported(id, level, asked, kept, search);
      levels.push({ ...level, within: trial.within, loss: trial.result?.validationLoss ?? Infinity });
      // Weights are whole: two levels may come to one model.
      if (!same) tried.push({ trial, asked, kept });
    } catch (error) {
      const isEnded = context.finish?.aborted && !context.signal.aborted;
      if (!isEnded || messageOf(error).code !== 'cancelled') throw error;
      return { tried, stopped: 'cancelled' };
    }
  }
}

/** What is kept of a trial, made where there is nothing. */
async function resultOf(
  asked: Recipe,
  { request, base, folder, judge }: Search,
  context: JobContext,
): Promise<KeptTrial> {
  const known = base.resume === false ? undefined : await folder.trial(asked);
  await breathe(context);
  if (known) return known;
  const trial = await runTrial({ ...request, asked, folder, judge }, context);
  await folder.keepTrial(asked, trial);
  return trial;
}

/**
 * How many more trials there is room for. Time is what the trials took when they were made, so that the same search ends where it did; one
 * as long as the longest must fit in, but for the first, which is always made.
 */
function roomOf(
  { ground, trials, seconds }: Search,
  tried: readonly Tried[],
): { spent: number; trials: number; time: number } {
  const taken = tried.map(({ kept }) => kept.seconds);
  const spent = taken.reduce((sum, one) => sum + one, ground.seconds);
  const time = taken.length === 0 ? Infinity : Math.floor((seconds - spent) / Math.max(...taken));
  return { spent, trials: trials - tried.length, time };
}

function reported(
  id: number,
  level: Level<Allocation>,
  asked: Recipe,
  { recipe, seconds, result, failure }: KeptTrial,
  { folder, limit }: Search,
): AutoTrial {
  return {
    id,
    allocation: level.family,
    recipe,
    target: sparsityOf(level),
    seconds,
    within: result !== undefined && result.validationLoss <= limit,
    ...(result && { result: { file: folder.modelFile(asked), ...result } }),
    ...(failure && { failure }),
  };
}

/** The trial with the fewest nonzero weights of those within the budget, the lower loss of equals. */
export function bestOf(tried: readonly Tried[]): Succeeded | undefined {
  return succeeded(tried)
    .filter(({ trial }) => trial.within)
    .sort(
      ({ result: a }, { result: b }) =>
        a.sizes.nonzero - b.sizes.nonzero || a.validationLoss - b.validationLoss,
    )
    .at(0);
}

export function succeeded(tried: readonly Tried[]): Succeeded[] {
  return tried.flatMap((one) => (one.trial.result ? [{ ...one, result: one.trial.result }] : []));
}

function bestSoFar(tried: readonly Tried[]): Pick<SearchProgress, 'best'> {
  const best = bestOf(tried);
  return best ? { best: { trial: best.trial.id, sparsity: best.result.sparsity } } : {};
}
