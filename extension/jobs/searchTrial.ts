import { roundHalfToEven } from '../model/roundHalfToEven.ts';
import type { Allocation } from '../protocol/auto.ts';
import type { Message, MessageCode } from '../protocol/messages.ts';
import type { Recipe } from '../protocol/recipe.ts';
import type { Surroundings } from '../protocol/requests.ts';
import { highestTarget } from '../protocol/scheduleChecks.ts';
import { messageOf } from '../protocol/userError.ts';
import { allocate } from '../pruning/allocate.ts';
import type { Level } from '../pruning/searchStep.ts';
import { breathe, type JobContext } from './context.ts';
import { prune } from './prune.ts';
import type { SearchGround } from './searchGround.ts';
import { type SearchJudge, validationLoss } from './searchJudge.ts';
import { hashOf, type KeptTrial, type TrialFolder } from './trialFolder.ts';

/** What ends a trial but not the search: so much pruned, or so trained, the model comes to nothing. */
const failures: readonly MessageCode[] = ['trainingDiverged', 'trainedNotFinite', 'lossNotFinite'];
/** What is said of one run, and would not be of another that comes to the same. */
const ofRuns: readonly MessageCode[] = ['noteResumed', 'noteCheckpointUnusable', 'noteNoCheckpoint'];
/** The rest of a trial's progress is that of measuring its validation loss. */
const pruningShare = 0.95;

/** The overall sparsity that a level aims at. */
export function sparsityOf({ remaining }: Pick<Level<Allocation>, 'remaining'>): number {
  return rounded(1 - remaining);
}

/** The recipe that a level is tried with. */
export function trialRecipe(base: Recipe, ground: SearchGround, level: Level<Allocation>): Recipe {
  const recipe = targetedRecipe(base, ground, level);
  const [initial, target] = [recipe.initialSparsity, highestTarget(recipe)];
  // A trial may aim at less than a ramp is to begin with.
  return initial !== undefined && target !== undefined && initial > target
    ? { ...recipe, initialSparsity: target }
    : recipe;
}

/** With a target for each part by what it costs, or one for all. */
function targetedRecipe(base: Recipe, { curves }: SearchGround, level: Level<Allocation>): Recipe {
  const sparsity = sparsityOf(level);
  if (level.family === 'uniform') return { ...base, sparsity };
  const shares = allocate(curves, sparsity);
  // What comes to the same is told in the same words.
  const targets = curves.map(({ name, steps }) => {
    const share = roundHalfToEven((shares.get(name) ?? 0) * steps) / steps;
    return [name, rounded(share)] as const;
  });
  // Layers whose units cannot go have no target.
  const others = base.granularity === 'unit' ? { sparsity: 0 } : {};
  return { ...base, ...others, targets: Object.fromEntries(targets) };
}

/** Enough digits for any model, and few enough to be read. */
function rounded(share: number): number {
  return Math.round(share * 1e6) / 1e6;
}

export interface TrialRun extends Surroundings {
  readonly path: string;
  readonly asked: Recipe;
  readonly folder: TrialFolder;
  readonly judge: () => Promise<SearchJudge>;
}

/** Prunes a model by a recipe into the folder of trials, and measures the validation loss of what was written. Throws `UserError`. */
export async function runTrial(run: TrialRun, context: JobContext): Promise<KeptTrial> {
  const { path, asked, folder, judge, checkpoints, tensorflow } = run;
  const start = performance.now();
  const file = folder.modelFile(asked);
  const surroundings = {
    ...(checkpoints !== undefined && { checkpoints }),
    ...(tensorflow !== undefined && { tensorflow }),
  };
  const seconds = () => (performance.now() - start) / 1000;
  const share = (from: number, part: number): JobContext => ({
    signal: context.signal,
    progress: (now) => context.progress({ ...now, done: from + now.done * part }),
  });
  try {
    const request = { path, recipe: asked, output: file, force: true, ...surroundings };
    const { recipe, after, engine, notes } = await prune(request, share(0, pruningShare));
    const loss = await validationLoss(file, await judge(), asked.batch, async (done) => {
      share(pruningShare, 1 - pruningShare).progress({ stage: 'evaluate', done });
      await breathe(context);
    });
    const { sparsity, reduction, sizes } = after;
    return {
      recipe,
      seconds: seconds(),
      result: { sparsity, reduction, sizes, validationLoss: loss, loss: after.loss ?? Number.NaN },
      ...(engine !== undefined && { engine }),
      notes: notes.filter(({ code }) => !ofRuns.includes(code)),
      hash: await hashOf(file),
    };
  } catch (error) {
    const failure: Message = messageOf(error);
    if (!failures.includes(failure.code)) throw error;
    return { recipe: asked, seconds: seconds(), failure, notes: [] };
  }
}
