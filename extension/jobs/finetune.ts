import type { BareSamples } from '../data/dataset.ts';
import { loadTraining, type TrainingSamples } from '../data/split.ts';
import type { Graph } from '../model/graph.ts';
import type { Model } from '../model/model.ts';
import { applyMask, type Parameter } from '../model/parameter.ts';
import type { Message } from '../protocol/messages.ts';
import type { Recipe, ScheduleOptions } from '../protocol/recipe.ts';
import { absentKeys } from '../protocol/recipeRules.ts';
import type { FinetuneReport } from '../protocol/report.ts';
import type { Surroundings } from '../protocol/requests.ts';
import { messageOf, UserError } from '../protocol/userError.ts';
import type { PruningPlan } from '../pruning/plan.ts';
import { type Prunable, prunablesOf } from '../pruning/prunable.ts';
import type { Timeline } from '../pruning/schedule/schedule.ts';
import { completeSchedule } from '../pruning/schedule/scheduleOf.ts';
import { chooseOptimizer, type OptimizerChoice } from '../training/chooseOptimizer.ts';
import { compareWith } from '../training/compareModels.ts';
import { defaultBatch, defaultSeed } from '../training/defaults.ts';
import { evaluateWith } from '../training/evaluate.ts';
import { evidenceInTraining } from '../training/evidence/open.ts';
import { type FinetuneHooks, finetune, type Snapshot, type Weights } from '../training/finetune.ts';
import type { FinetuneSettings, FinetuneTask } from '../training/finetuneTask.ts';
import { GroupLasso } from '../training/groupLasso.ts';
import { stepsOfEpoch } from '../training/order.ts';
import { outputKind } from '../training/output.ts';
import { type Aims, startTraining } from '../training/startTraining.ts';
import { type Teaching, teachingOf } from '../training/teaching.ts';
import { withAims } from './aims.ts';
import type { CheckpointFile } from './checkpoints.ts';
import type { JobContext } from './context.ts';
import { evidenceNeeded } from './evidence.ts';
import {
  addNotes,
  divergenceJudgement,
  type Judge,
  type Judgement,
  type JudgingSamples,
  judgementOf,
} from './judge.ts';
import { openCheckpoints } from './openCheckpoints.ts';
import { openSchedule } from './openSchedule.ts';
import { prunableSparsity } from './prunableSparsity.ts';
import { because, resume, takeUpAtOnce } from './resume.ts';
import { putOn } from './scheduledMasks.ts';
import type { StageStep } from './stages.ts';

/** What fine-tuning of a job will take; checked and read before anything is computed. */
export interface Preparation extends Pick<OptimizerChoice, 'optimizer' | 'notes'> {
  readonly graph: Graph;
  readonly settings: FinetuneSettings;
  /** How the original teaches; absent where it does not. */
  readonly teaching?: Teaching | undefined;
  readonly reported: JudgingSamples;
  readonly samples: TrainingSamples<BareSamples>;
  /** When weights go, as this training takes it. */
  readonly schedule: ScheduleOptions;
  readonly timeline: Timeline;
}

/**
 * Throws notTrainable with the reason, splitMissing where there is no training part, matchLinear, optionsClash, and invalidValue where
 * the schedule does not fit into the training.
 */
export async function prepareFinetune(
  model: Model,
  judge: Judge,
  { signal }: JobContext,
): Promise<Preparation> {
  const { samples: reported, obstacle, recipe } = judge;
  const { graph, training, path: file } = model;
  if (!reported || !graph) throw new UserError('notTrainable', { file: model.path }, obstacle);
  if (model.parameters.every(({ trainable }) => !trainable)) {
    throw new UserError('notTrainable', { file: model.path }, { code: 'reasonAllFrozen', args: {} });
  }
  const choice = chooseOptimizer(recipe, training);
  const teaching = teachingOf(recipe, outputKind(graph), { file, loss: reported.loss, training });
  const samples = await loadTraining<BareSamples>(reported.dataset, reported, signal);
  const settings = settingsOf(recipe, choice);
  const timeline: Timeline = {
    epochs: settings.epochs,
    stepsPerEpoch: stepsOfEpoch(samples.train.count, settings.batch),
  };
  return {
    graph,
    teaching,
    optimizer: choice.optimizer,
    settings,
    schedule: completeSchedule(recipe, timeline),
    timeline,
    notes: [...choice.notes, ...(model.trainingNotes ?? [])],
    reported,
    samples,
  };
}

function settingsOf(recipe: Recipe, { learningRate, usualRate }: OptimizerChoice): FinetuneSettings {
  const { epochs = 0, batch = defaultBatch, seed = defaultSeed, decay = 'none' } = recipe;
  const { clipNorm, patience, l1, l2 } = recipe;
  return { epochs, batch, seed, learningRate, usualRate, decay, clipNorm, patience, l1, l2 };
}

/**
 * What the recipe left open and the weights depend on, so that it gives the same again. Adam's and RMSprop's decay rates and epsilon
 * have no key in a recipe; they are the file's where its optimizer is used.
 */
export function recordedTraining({ optimizer, settings, teaching, schedule }: Preparation): Recipe {
  const { learningRate, batch, seed } = settings;
  const momentum = 'momentum' in optimizer && optimizer.momentum > 0 ? { momentum: optimizer.momentum } : {};
  const rate = { optimizer: optimizer.name, learningRate, ...momentum };
  return { ...rate, batch, seed, ...recordedTeaching(teaching), ...schedule };
}

function recordedTeaching(
  teaching: Teaching | undefined,
): Pick<FinetuneReport, 'match' | 'temperature' | 'mix'> {
  if (!teaching) return {};
  const { head, temperature, mix } = teaching;
  const match = head === 'linear' ? ({ match: 'mse' } as const) : ({ match: 'kl', temperature } as const);
  return { ...match, ...(mix !== undefined && { mix }) };
}

export interface Finetuned {
  /** Of the masked weights, nothing trained. */
  readonly pruned: Judgement;
  readonly report: FinetuneReport;
  readonly engine: string;
  /** Removes the checkpoint, once what came of it is written. */
  forget(): Promise<void>;
}

/** All that a fine-tuning goes by. */
export interface FinetuneJob {
  /** What is trained. */
  readonly model: Model;
  /** What teaches, where the recipe wants it: the same, or the model that had more layers. */
  readonly original: Model;
  readonly plan: PruningPlan;
  readonly preparation: Preparation;
  /** Of the model before it was pruned. */
  readonly before: Judgement;
  readonly judge: Judge;
  readonly surroundings: Surroundings;
  readonly context: JobContext;
  readonly step: StageStep;
}

/**
 * Trains a model whose parameters have their masks, with the original as a teacher where the recipe says so, and leaves what came of it in
 * them (`Parameter.trained`). Goes on where the same job was broken off, unless the recipe says not to. Throws trainingDiverged.
 */
export async function finetuneModel(job: FinetuneJob): Promise<Finetuned> {
  return withAims(job.preparation, job.original, job.judge, (aims) => learn(job, aims));
}

async function learn(
  { model, plan, preparation, before, judge, surroundings, context, step }: FinetuneJob,
  aims: Aims,
): Promise<Finetuned> {
  const { reported, samples, optimizer, settings, teaching } = preparation;
  const { graph } = model;
  if (!graph) throw new Error('a model without a graph was to be trained');
  const { recipe, engineOptions } = judge;
  const { recovery = absentKeys.recovery } = recipe;
  // The training is rehearsed with as many weights as it begins with.
  const scheduled = await openSchedule(model.path, plan, preparation.schedule, preparation.timeline);
  const started = await startTraining(graph, aims, samples, optimizer, settings, engineOptions);
  const task: FinetuneTask = {
    ...started,
    dense: aims.loss && before.loss,
    groupLasso: groupLassoOf(plan, recipe),
    schedule: scheduled?.masks,
  };
  const { session } = task;
  try {
    addNotes(judge.notes, session.notes);
    if (scheduled) {
      const wish = { layers: model.layers, parts: plan.prunables, most: recipe.samples };
      const gather = () => evidenceInTraining(task, evidenceNeeded(recipe), wish);
      scheduled.masks.join({ session, gather });
      await takeUpAtOnce(session, scheduled);
    }
    const options = { batch: recipe.batch, step: (done: number) => step('evaluatePruned', done) };
    const opened = { graph, session };
    const pruned = reported.loss
      ? judgementOf(judge, await evaluateWith(session, graph, reported, options))
      : divergenceJudgement(
          judge,
          await compareWith(opened, originalOf(preparation.graph, aims), reported.samples, options),
        );
    const checkpoints = await openCheckpoints(model, recipe, surroundings);
    const from =
      recipe.resume === false ? undefined : await resume(task, scheduled, model, checkpoints, judge.notes);
    const prunables = prunablesOf(model, { include: recipe.include });
    const result = await train(task, prunables, checkpoints, judge.notes, context, step, from);
    const { weights, masks, ...course } = result;
    for (const [parameter, values] of weights) parameter.trained = values;
    if (scheduled) putOn((course.kept === 0 ? undefined : masks) ?? scheduled.atOnce);
    const report: FinetuneReport = {
      ...course,
      optimizer: optimizer.name,
      learningRate: settings.learningRate,
      recovery,
      ...recordedTeaching(teaching),
      trainSamples: samples.train.count,
      validationSamples: samples.validation.count,
      validationSplit: samples.validationSplit,
      ...(scheduled && { masks: scheduled.masks.state().updates }),
      ...(from && { resumedAt: from.epochs.length }),
    };
    if (course.stopped === 'cancelled' && scheduled?.masks.isCutShort)
      addNotes(judge.notes, [{ code: 'noteScheduleCutShort', args: {} }]);
    return { pruned, report, engine: session.engine, forget: () => checkpoints.remove() };
  } finally {
    await session.dispose();
  }
}

/** Over the groups that the plan prunes by: the weights that these are judged by. */
function groupLassoOf({ sets }: PruningPlan, { groupLasso }: Recipe): GroupLasso | undefined {
  if (groupLasso === undefined) return undefined;
  const groups = sets.flatMap(({ grouping }) =>
    grouping ? [{ count: grouping.count, parts: grouping.parts.filter(({ scored }) => scored) }] : [],
  );
  return new GroupLasso(groups, groupLasso);
}

/** Without targets there is always a teacher. */
function originalOf(graph: Graph, { teacher }: Aims) {
  if (!teacher) throw new Error('samples without targets were to be judged by them');
  return { graph, session: teacher.session };
}

async function train(
  task: FinetuneTask,
  prunables: readonly Prunable[],
  checkpoints: CheckpointFile,
  notes: Message[],
  { finish }: JobContext,
  step: StageStep,
  from: Snapshot | undefined,
) {
  const frozen = await readFrozen(prunables, await task.session.weights());
  let checkpoint = from?.epochs.length;
  const hooks: FinetuneHooks = {
    sparsity: (weights) => {
      const frozenOf = (parameter: Parameter) =>
        applyMask(Float32Array.from(frozen.get(parameter) ?? []), parameter.mask);
      return prunableSparsity(prunables, (parameter) => weights.get(parameter) ?? frozenOf(parameter));
    },
    step: (progress, done) =>
      step('finetune', done, { ...progress, ...(checkpoint !== undefined && { checkpoint }) }),
    keep: async (snapshot) => {
      try {
        await checkpoints.save(snapshot, task.session.engine);
        checkpoint = snapshot.epochs.length;
      } catch (error) {
        // A full disk is no reason to lose the training.
        addNotes(notes, [because('noteNoCheckpoint', error)]);
      }
    },
    finish,
  };
  try {
    return await finetune(task, hooks, from);
  } catch (error) {
    // It would come to the same end again.
    if (messageOf(error).code === 'trainingDiverged') await checkpoints.remove();
    throw error;
  }
}

/** Values of the prunable weights that training leaves as they are, but for masks. */
async function readFrozen(prunables: readonly Prunable[], trained: Weights): Promise<Weights> {
  const frozen = new Map<Parameter, Float32Array>();
  for (const { view } of prunables) {
    const { parameter } = view;
    if (!trained.has(parameter) && !frozen.has(parameter)) frozen.set(parameter, await parameter.read());
  }
  return frozen;
}
