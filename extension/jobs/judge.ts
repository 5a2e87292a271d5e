import type { BareSamples } from '../data/dataset.ts';
import { inspectModel, prunableStatistics } from '../inspection/inspectModel.ts';
import type { Graph } from '../model/graph.ts';
import type { Model } from '../model/model.ts';
import type { Message } from '../protocol/messages.ts';
import type { Recipe } from '../protocol/recipe.ts';
import { needsTargets } from '../protocol/recipeRules.ts';
import type { DataSummary, EvaluateReport, InspectReport, ModelState } from '../protocol/report.ts';
import type { PruneRequest } from '../protocol/requests.ts';
import { UserError } from '../protocol/userError.ts';
import { withinBudget } from '../pruning/budget.ts';
import { withPlan } from '../pruning/masks.ts';
import { type PruningPlan, standInFor } from '../pruning/plan.ts';
import { prunablesOf, weightCount } from '../pruning/prunable.ts';
import { chooseEngine } from '../training/chooseEngine.ts';
import { type Comparison, compareModels } from '../training/compareModels.ts';
import { compareOutputs, type OriginalOutputs, originalOutputs } from '../training/compareOutputs.ts';
import { evaluateGraph } from '../training/evaluate.ts';
import { freeLength } from '../training/freeLength.ts';
import { outputKind } from '../training/output.ts';
import {
  type ReportedSamples,
  readBareSamples,
  readSamples,
  type UnlabelledSamples,
} from '../training/samples.ts';
import { hasData, trains } from './asked.ts';
import type { JobContext } from './context.ts';
import { engineOptions } from './engineOptions.ts';
import { engineToGoOnWith } from './openCheckpoints.ts';
import { besideGzip, measureSizes } from './sizes.ts';

/** Reports the share of a stage that is done, lets others be answered, and throws where the job was given up. */
type Step = (done: number) => Promise<void>;

/** Data that states are judged on; what is trained on beside it may have no targets either way. */
export type JudgingSamples = ReportedSamples<BareSamples> | UnlabelledSamples;

/** By what the states of a model are judged: the loss on data, or without targets or data the divergence from the original. */
export interface Judge {
  readonly recipe: Recipe;
  /** The engine that all states are judged and trained by. */
  readonly engineOptions: Awaited<ReturnType<typeof chooseEngine>>['options'];
  readonly samples?: JudgingSamples;
  readonly original?: OriginalOutputs;
  readonly data?: DataSummary;
  /** Why there is neither, where that is of interest. */
  readonly obstacle?: Message;
  /** Known once something was computed. */
  engine?: string;
  readonly notes: Message[];
}

/** What is measured of a state beside what can be read from its file. */
export type Judgement = Pick<ModelState, 'loss' | 'lossName' | 'metrics' | 'divergence'>;

/**
 * Reads the data, or computes the original's outputs. Without a graph there is nothing to judge by, and a note.
 * @param plan what will be pruned; nothing is yet
 */
export async function judgeOf(
  model: Model,
  plan: PruningPlan,
  { recipe, ...surroundings }: PruneRequest,
  { signal }: JobContext,
  step: Step,
): Promise<Judge> {
  const { graph, notEvaluable, training } = model;
  const base = { recipe, engineOptions: engineOptions(recipe, surroundings) };
  const obstacle = graph ? misfitOf(graph) : notEvaluable;
  if (!graph || obstacle) {
    const note: Message = { code: 'noteNotEvaluated', args: {}, ...(obstacle && { cause: obstacle }) };
    // Without data a model that has no graph is the usual case; one that contradicts itself is not.
    return { ...base, ...(obstacle && { obstacle }), notes: hasData(recipe) || graph ? [note] : [] };
  }
  if (!hasData(recipe)) {
    const { options, notes } = await chooseEngine(graph, base.engineOptions);
    const settled = { ...base, engineOptions: options };
    const original = await originalOutputs(graph, recipe.seed, step, options);
    const said = [...(graph.assumptions ?? []), ...notes];
    if (!original) return { ...settled, notes: said };
    return { ...settled, original, engine: original.engine, notes: [...said, ...original.notes] };
  }
  const read = needsTargets(recipe) ? readSamples : readBareSamples;
  const samples: JudgingSamples = await read(graph, recipe, training, signal);
  const data = { file: samples.dataset.file, split: samples.split, samples: samples.samples.count };
  const begun = await engineToGoOnWith(model, recipe, surroundings);
  const masked = async <T>(work: () => Promise<T>) => {
    const freeSteps = freeLength(graph, samples.samples);
    const masking = { file: model.path, freeSteps, step: () => step(0) };
    return withPlan(await withinBudget(standInFor(plan), model, masking), masking, work);
  };
  const use = { samples, batch: recipe.batch, trains: trains(recipe), begun, masked };
  const { options, notes } = await chooseEngine(graph, base.engineOptions, use);
  return { ...base, engineOptions: options, samples, data, notes: [...samples.notes, ...notes] };
}

/** Why the layers of a graph do not fit together; nothing where they do. */
function misfitOf(graph: Graph): Message | undefined {
  try {
    outputKind(graph);
    return undefined;
  } catch (error) {
    if (error instanceof UserError) return error.info;
    throw error;
  }
}

/**
 * The state of a model: its gates and sizes, and its loss or divergence.
 * @param original the model before pruning, against whose prunable weights the reduction counts
 */
export async function stateOf(
  model: Model,
  original: Model,
  judge: Judge,
  context: JobContext,
  step: Step,
): Promise<ModelState> {
  return withGzip(model, context, async () => ({
    ...(await describedByWeights(model, original, judge.recipe, context, step)),
    ...(await judged(model, original, judge, step)),
  }));
}

/** What the file of a state tells. */
export async function describedState(
  model: Model,
  original: Model,
  recipe: Pick<Recipe, 'include'>,
  context: JobContext,
  step: Step,
): Promise<ModelState> {
  return withGzip(model, context, () => describedByWeights(model, original, recipe, context, step));
}

/** A state with the size with gzip, which is measured beside the rest. */
async function withGzip(
  model: Model,
  context: JobContext,
  described: () => Promise<DescribedByWeights>,
): Promise<ModelState> {
  const { gzip, result } = await besideGzip(model, context, described);
  return { ...result, sizes: { ...result.sizes, gzip } };
}

type DescribedByWeights = Omit<ModelState, 'sizes'> & { readonly sizes: Omit<ModelState['sizes'], 'gzip'> };

/** All of that but the size with gzip. */
async function describedByWeights(
  model: Model,
  original: Model,
  { include }: Pick<Recipe, 'include'>,
  context: JobContext,
  step: Step,
): Promise<DescribedByWeights> {
  const included = prunablesOf(model, { include }).filter(({ part }) => !part);
  const report = await inspectModel(model, () => step(0), included);
  const size = prunablesOf(original, { include }).reduce((sum, one) => sum + weightCount(one), 0);
  const reduction = 1 - remaining(report) / size;
  return { ...report, reduction, sizes: await measureSizes(model, context) };
}

/** Takes what an evaluation says about a state, and keeps its engine and notes for the report. */
export function judgementOf(
  judge: Judge,
  { loss, lossName, metrics, engine, notes }: EvaluateReport,
): Judgement {
  judge.engine = engine;
  addNotes(judge.notes, notes);
  return { loss, lossName, metrics };
}

/** The same of a comparison with the original. */
export function divergenceJudgement(judge: Judge, { divergence, engine, notes }: Comparison): Judgement {
  judge.engine = engine;
  addNotes(judge.notes, notes);
  return divergence ? { divergence } : {};
}

/** Adds what was not said before. */
export function addNotes(notes: Message[], more: readonly Message[]): void {
  const known = new Set(notes.map((note) => JSON.stringify(note)));
  for (const note of more) if (!known.has(JSON.stringify(note))) notes.push(note);
}

/** The loss of a state, or its divergence from the first one. */
export async function judged(model: Model, first: Model, judge: Judge, step: Step): Promise<Judgement> {
  const { graph } = model;
  const { recipe, samples, original, engineOptions } = judge;
  if (!graph || (!samples && !original)) return {};
  const options = { batch: recipe.batch, step };
  if (samples?.loss) return judgementOf(judge, await evaluateGraph(graph, samples, options, engineOptions));
  // The original is no distance from itself.
  if (model === first) return {};
  if (samples && first.graph) {
    const { graph: firstGraph, parameters } = first;
    const own = { graph: firstGraph, parameters };
    return divergenceJudgement(
      judge,
      await compareModels(graph, own, samples.samples, options, engineOptions),
    );
  }
  if (!original) return {};
  const divergence = await compareOutputs(graph, original, step, engineOptions);
  return divergence ? { divergence } : {};
}

function remaining(report: InspectReport): number {
  return prunableStatistics(report).reduce((sum, { size, zeros }) => sum + size - zeros, 0);
}
