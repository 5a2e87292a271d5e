import { mainFileOf } from '../formats/mainFileOf.ts';
import { openModel } from '../formats/open.ts';
import { writeWhole } from '../formats/writeWhole.ts';
import type { Model } from '../model/model.ts';
import type { Shrinking } from '../model/shrinking.ts';
import type { Message } from '../protocol/messages.ts';
import type { Recipe } from '../protocol/recipe.ts';
import { checkRecipe } from '../protocol/recipeChecks.ts';
import { absentKeys } from '../protocol/recipeRules.ts';
import type { ModelState, PruneReport } from '../protocol/report.ts';
import type { PruneRequest } from '../protocol/requests.ts';
import { withinBudget } from '../pruning/budget.ts';
import { beforeTraining } from '../pruning/plan.ts';
import { recordedRecipe } from '../pruning/recipe.ts';
import { freeLength, lengthNotes } from '../training/freeLength.ts';
import { trains } from './asked.ts';
import { type CarriedOut, carriedOut, removalReport } from './carriedOut.ts';
import { breathe, type JobContext } from './context.ts';
import { type Control, controlOf } from './control.ts';
import { keepDescription } from './describe.ts';
import { type Destination, destinationOf } from './destination.ts';
import { checkEvidence, evidenceNeeded, gatherFor, recordedEvidence } from './evidence.ts';
import { finetuneModel, prepareFinetune, recordedTraining } from './finetune.ts';
import { finetuneNotes } from './finetuneNotes.ts';
import { describedState, type Judge, judgeOf, stateOf } from './judge.ts';
import { withSaved } from './scratchModel.ts';
import { checkWritable, saveModel, shrinkNotes, shrinkReport, shrunkOf } from './shrink.ts';
import { pruneSteps, type StageStep } from './stages.ts';
import { verifyWritten } from './verify.ts';
import { writablePlan } from './writablePlan.ts';

/**
 * Prunes a model file into a new one, trains it further where the recipe has epochs, and reports before and after. The output appears
 * whole, after its weights were verified on disk and its loss was measured, or not at all; the original is only read. Throws `UserError`.
 */
export async function prune(request: PruneRequest, context: JobContext): Promise<PruneReport> {
  const start = performance.now();
  const { path, recipe } = request;
  checkRecipe(recipe);
  checkEvidence(recipe);
  const step = pruneSteps(recipe, context, evidenceNeeded(recipe).length > 0);
  await step('open', 0);
  const model = await openModel(path);
  let destination: Destination | undefined;
  let done: CarriedOut | undefined;
  try {
    const plan = await writablePlan(recipe, model);
    await checkWritable(model, recipe);
    destination = await destinationOf(request, model);
    const { path: planned, placing } = destination;
    const stepBefore = (done: number) => step('evaluateBefore', done);
    const judge = await judgeOf(model, plan, request, context, stepBefore);
    const preparation = trains(recipe) ? await prepareFinetune(model, judge, context) : undefined;
    const measure = judge.original ? () => stepBefore(1) : stepBefore;
    const before = await stateOf(model, model, judge, context, measure);
    const evidence = await gatherFor(
      { recipe, parts: plan.prunables, training: preparation?.samples.train },
      model,
      judge,
      context.signal,
      (done) => step('evidence', done),
    );
    const freeSteps = freeLength(model.graph, judge.samples?.samples);
    const masking = { file: path, evidence, freeSteps, step: (done: number) => step('prune', done) };
    const settled = await withinBudget(beforeTraining(plan), model, masking);
    done = await carriedOut(settled, model, masking);
    const { model: pruned, removed } = done;
    const untrained = preparation && (await describeUntrained(pruned, model, recipe, context));
    const finetuned =
      preparation &&
      (await finetuneModel({
        model: pruned,
        original: model,
        plan: { ...done.plan, criterion: plan.criterion },
        preparation,
        before,
        judge,
        surroundings: request,
        context,
        step,
      }));
    await step('write', 0);
    const shrunk = await shrunkOf(pruned, recipe, context);
    let after: ModelState | undefined;
    let control: Control | undefined;
    const write = async (temporary: string) => {
      await saveModel(pruned, temporary, recipe, shrunk, context);
      await step('verify', 0);
      const meant = { pruned, original: model, shrinking: shrunk?.shrinking };
      after = await judgeWritten(meant, temporary, planned, judge, context, step);
      // While it can still be given up with all the rest.
      if (preparation && recipe.control)
        control = await controlOf(model, after.sizes.nonzero, preparation, judge, context, step);
      await breathe(context);
    };
    const output = mainFileOf(model, await writeWhole(planned, write, placing));
    const described = await keepDescription(model, output);
    await finetuned?.forget();
    const state = after as unknown as ModelState;
    const beside = control as Control | undefined;
    const engine = finetuned?.engine ?? judge.engine;
    return {
      model: path,
      output,
      recipe: {
        ...recordedRecipe(recipe, plan.recipe),
        ...recordedEvidence(recipe),
        ...(preparation && recordedTraining(preparation)),
      },
      before,
      pruned: untrained && finetuned ? { ...untrained, ...finetuned.pruned } : state,
      after: state,
      ...(finetuned && { finetune: finetuned.report }),
      ...(shrunk && { shrink: shrinkReport(shrunk) }),
      ...(plan.recipe.granularity === 'layer' && {
        shrink: removalReport([...plan.notes, ...done.notes], removed),
      }),
      ...(beside?.report && { control: beside.report }),
      ...(judge.data && { data: judge.data }),
      ...(engine !== undefined && { engine }),
      seconds: (performance.now() - start) / 1000,
      notes: [
        ...judge.notes,
        ...(preparation && finetuned ? finetuneNotes(preparation, finetuned, state) : []),
        ...plan.notes,
        ...lengthNotes(recipe, model.graph, freeSteps),
        ...done.notes,
        ...(shrunk ? shrinkNotes(shrunk, pruned) : []),
        ...described,
        ...(beside?.notes ?? []),
        ...(pruned.writingNotes?.() ?? []),
        ...resultNotes(model, recipe, {
          before,
          after: state,
          shrinks: shrunk?.shrinking !== undefined || removed.length > 0,
          compressible: await canCompress(model),
        }),
      ],
    };
  } finally {
    destination?.release();
    try {
      await done?.close();
    } finally {
      await model.close();
    }
  }
}

/** The plan applied to the original weights as a file would hold it: written apart, described and removed. */
async function describeUntrained(
  pruned: Model,
  original: Model,
  recipe: Recipe,
  context: JobContext,
): Promise<ModelState> {
  const shrunk = await shrunkOf(pruned, recipe, context);
  return withSaved(pruned, recipe, shrunk, context, (written) =>
    describedState(written, original, recipe, context, () => breathe(context)),
  );
}

/** What a written file is meant to hold. */
interface Meant {
  readonly pruned: Model;
  readonly original: Model;
  readonly shrinking: Shrinking | undefined;
}

/** Opens what was written, verifies it and measures it like the original. */
async function judgeWritten(
  { pruned, original, shrinking }: Meant,
  temporary: string,
  output: string,
  judge: Judge,
  context: JobContext,
  step: StageStep,
): Promise<ModelState> {
  const written = await openModel(temporary, original);
  try {
    await verifyWritten(pruned, written, output, context, shrinking);
    return await stateOf(written, original, judge, context, (done) => step('evaluateAfter', done));
  } finally {
    await written.close();
  }
}

interface Result {
  readonly before: ModelState;
  readonly after: ModelState;
  /** Units have left the file. */
  readonly shrinks: boolean;
  /** The file could be stored compressed. */
  readonly compressible: boolean;
}

async function canCompress(model: Model): Promise<boolean> {
  return model.checkRebuild('compress').then(
    () => true,
    () => false,
  );
}

function resultNotes(
  model: Model,
  recipe: Recipe,
  { before, after, shrinks, compressible }: Result,
): Message[] {
  const notes: Message[] = [...(model.fileNotes ?? [])];
  const { granularity = absentKeys.granularity } = recipe;
  // Where no layer left, nothing became zero either.
  if (granularity !== 'layer' && !recipe.compress && after.sizes.file >= before.sizes.file) {
    const code = compressible ? 'noteFileNotSmaller' : 'noteFileNeverSmaller';
    const [{ file: bytes, gzip }, { file: bytesBefore, gzip: gzipBefore }] = [after.sizes, before.sizes];
    notes.push({ code, args: { bytes, bytesBefore, gzip, gzipBefore } });
  }
  if (granularity === 'weight' && after.sparsity < 0.8) notes.push({ code: 'noteNoSpeedUp', args: {} });
  if (model.hasOptimizerState) {
    const smaller = model.shrinksOptimizerState ? 'noteOptimizerShrunk' : 'noteOptimizerLeftOut';
    const same = model.masksOptimizerState ? 'noteOptimizerMasked' : 'noteOptimizerState';
    notes.push({ code: shrinks ? smaller : same, args: {} });
  }
  const { otherWeights = [] } = model;
  if (otherWeights.length > 0) notes.push({ code: 'noteOtherWeights', args: { names: otherWeights } });
  return notes;
}
