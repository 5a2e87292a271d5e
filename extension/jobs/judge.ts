import type { Graph } from '../model/graph.ts';
import { inspectModel, prunableMatrices } from '../model/inspection.ts';
import type { Model } from '../model/model.ts';
import type { Message } from '../protocol/messages.ts';
import type { Recipe } from '../protocol/recipe.ts';
import type { DataSummary, InspectReport, ModelState } from '../protocol/report.ts';
import { UserError } from '../protocol/userError.ts';
import { prunableGates, weightCount } from '../pruning/prunable.ts';
import { compareOutputs, type OriginalOutputs, originalOutputs } from '../training/compareOutputs.ts';
import { evaluateGraph, type ReportedSamples, readSamples } from '../training/evaluate.ts';
import { outputKind } from '../training/output.ts';
import type { JobContext } from './context.ts';
import { measureSizes } from './sizes.ts';

/** Reports the share of a stage that is done, lets others be answered, and throws where the job was given up. */
type Step = (done: number) => Promise<void>;

/** By what the states of a model are judged: the loss on data, or without data the divergence from the original. */
export interface Judge {
  readonly recipe: Recipe;
  readonly samples?: ReportedSamples;
  readonly original?: OriginalOutputs;
  readonly data?: DataSummary;
  /** Known once something was computed. */
  engine?: string;
  readonly notes: Message[];
}

/** Reads the data, or computes the original's outputs. Without a graph there is nothing to judge by, and a note. */
export async function judgeOf(
  model: Model,
  recipe: Recipe,
  { signal }: JobContext,
  step: Step,
): Promise<Judge> {
  const { graph, notEvaluable } = model;
  const hasData = recipe.data !== undefined || recipe.x !== undefined;
  if (!graph) {
    const note: Message = {
      code: 'noteNotEvaluated',
      args: {},
      ...(notEvaluable && { cause: notEvaluable }),
    };
    return { recipe, notes: hasData ? [note] : [] };
  }
  const misfit = misfitOf(graph);
  if (misfit) return { recipe, notes: [{ code: 'noteNotEvaluated', args: {}, cause: misfit }] };
  if (!hasData) {
    const original = await originalOutputs(graph, recipe.seed, step);
    return original ? { recipe, original, engine: original.engine, notes: [] } : { recipe, notes: [] };
  }
  const samples = await readSamples(graph, recipe, signal);
  const { file, split } = samples;
  return {
    recipe,
    samples,
    data: { file, split, samples: samples.samples.count },
    notes: [...samples.notes],
  };
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
  const report = await inspectModel(model, () => step(0));
  return {
    ...report,
    reduction: 1 - remaining(report) / prunableSize(original),
    sizes: await measureSizes(model, context),
    ...(await judged(model, model === original, judge, step)),
  };
}

async function judged(
  { graph, training }: Model,
  isOriginal: boolean,
  judge: Judge,
  step: Step,
): Promise<Pick<ModelState, 'loss' | 'lossName' | 'metrics' | 'divergence'>> {
  if (!graph || (!judge.samples && !judge.original)) return {};
  if (judge.samples) {
    const options = { ...judge.recipe, ...(training && { training }), step };
    const result = await evaluateGraph(graph, judge.samples, options);
    judge.engine = result.engine;
    for (const note of result.notes)
      if (!judge.notes.some(({ code }) => code === note.code)) judge.notes.push(note);
    return { loss: result.loss, lossName: result.lossName, metrics: result.metrics };
  }
  // The original is no distance from itself.
  if (!judge.original || isOriginal) return {};
  const divergence = await compareOutputs(graph, judge.original, step);
  return divergence ? { divergence } : {};
}

function remaining({ layers }: InspectReport): number {
  return layers.flatMap(prunableMatrices).reduce((sum, { size, zeros }) => sum + size - zeros, 0);
}

function prunableSize({ layers }: Model): number {
  return prunableGates(layers).reduce((sum, gate) => sum + weightCount(gate), 0);
}
