import { openModel } from '../formats/open.ts';
import { writeWhole } from '../formats/writeWhole.ts';
import type { Model } from '../model/model.ts';
import type { Message } from '../protocol/messages.ts';
import type { Recipe } from '../protocol/recipe.ts';
import { checkRecipe } from '../protocol/recipeChecks.ts';
import type { ModelState, PruneReport } from '../protocol/report.ts';
import type { JobProgress, PruneRequest } from '../protocol/requests.ts';
import { applyPlan } from '../pruning/masks.ts';
import { planOf } from '../pruning/plan.ts';
import { completeRecipe, recordedRecipe } from '../pruning/recipe.ts';
import { breathe, type JobContext } from './context.ts';
import { type Destination, destinationOf } from './destination.ts';
import { type Judge, judgeOf, stateOf } from './judge.ts';
import { verifyMasks } from './verify.ts';

/** Share of the whole job that is done when a stage begins; evaluating takes most of the time. */
const stageStart: Record<JobProgress['stage'], number> = {
  open: 0,
  evaluateBefore: 0.02,
  prune: 0.45,
  write: 0.5,
  verify: 0.53,
  evaluateAfter: 0.55,
  evaluate: 0,
};

/**
 * Prunes a model file into a new one and reports before and after. The output appears whole, after its masks were
 * verified on disk and its loss was measured, or not at all; the original is only read. Throws `UserError`.
 */
export async function prune(request: PruneRequest, context: JobContext): Promise<PruneReport> {
  const start = performance.now();
  const { path, recipe } = request;
  checkRecipe(recipe);
  const step = stepper(context);
  await step('open', 0);
  const model = await openModel(path);
  let destination: Destination | undefined;
  try {
    const complete = completeRecipe(recipe, model.layers);
    destination = await destinationOf(request);
    const { path: planned, placing } = destination;
    const stepBefore = (done: number) => step('evaluateBefore', done);
    const judge = await judgeOf(model, recipe, context, stepBefore);
    const before = await stateOf(
      model,
      model,
      judge,
      context,
      judge.original ? () => stepBefore(1) : stepBefore,
    );
    const notes = await applyPlan(planOf(complete, model.layers), {
      file: path,
      step: (done) => step('prune', done),
    });
    await step('write', 0);
    let after: ModelState | undefined;
    const write = async (temporary: string) => {
      await model.save(temporary, { compress: recipe.compress === true, step: () => breathe(context) });
      await step('verify', 0);
      after = await judgeWritten(model, temporary, planned, judge, context);
      await breathe(context);
    };
    const output = await writeWhole(planned, write, placing);
    const state = after as unknown as ModelState;
    return {
      model: path,
      output,
      recipe: recordedRecipe(recipe, complete),
      before,
      pruned: state,
      after: state,
      ...(judge.data && { data: judge.data }),
      ...(judge.engine !== undefined && { engine: judge.engine }),
      seconds: (performance.now() - start) / 1000,
      notes: [...judge.notes, ...notes, ...resultNotes(model, recipe, before, state)],
    };
  } finally {
    destination?.release();
    await model.close();
  }
}

/** Opens what was written, verifies the masks and measures it like the original. */
async function judgeWritten(
  original: Model,
  temporary: string,
  output: string,
  judge: Judge,
  context: JobContext,
): Promise<ModelState> {
  const written = await openModel(temporary, output);
  try {
    await verifyMasks(original, written, output, context);
    const step = stepper(context);
    return await stateOf(written, original, judge, context, (done) => step('evaluateAfter', done));
  } finally {
    await written.close();
  }
}

/** Reports progress over the whole job and lets others in between. */
function stepper(context: JobContext) {
  const starts = Object.values(stageStart).sort((a, b) => a - b);
  return async (stage: JobProgress['stage'], done: number) => {
    const from = stageStart[stage];
    const to = starts.find((start) => start > from) ?? 1;
    context.progress({ stage, done: from + done * (to - from) });
    await breathe(context);
  };
}

function resultNotes(model: Model, recipe: Recipe, before: ModelState, after: ModelState): Message[] {
  const notes: Message[] = [];
  if (!recipe.compress && after.sizes.file >= before.sizes.file) {
    const { file, gzip } = after.sizes;
    notes.push({ code: 'noteFileNotSmaller', args: { bytes: file, gzip, gzipBefore: before.sizes.gzip } });
  }
  if (after.sparsity < 0.8) notes.push({ code: 'noteNoSpeedUp', args: {} });
  if (model.hasOptimizerState) notes.push({ code: 'noteOptimizerState', args: {} });
  return notes;
}
