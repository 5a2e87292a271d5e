import type { BareSamples } from '../data/dataset.ts';
import { sliceSamples } from '../data/shapes.ts';
import { engineIdOf } from '../engine/engineIds.ts';
import type { EngineOptions } from '../engine/session.ts';
import { type SettledEngine, settleEngine } from '../engine/settleEngine.ts';
import { affordableSamples } from '../engine/trial.ts';
import type { Graph } from '../model/graph.ts';
import type { Tensor } from '../model/tensor.ts';
import { stepsOf } from './batches.ts';
import { defaultBatch } from './defaults.ts';
import { asTargets, withLoss, withTeacher } from './lossGraph.ts';
import type { ReportedSamples, UnlabelledSamples } from './samples.ts';
import { openTeacher } from './teacher.ts';

/** What a job computes a model on. */
export interface EngineUse {
  readonly samples: Pick<ReportedSamples<BareSamples> | UnlabelledSamples, 'samples' | 'loss'>;
  readonly batch: number | undefined;
  readonly trains: boolean;
  /** Name of the engine that began what the job goes on with. */
  readonly begun?: string | undefined;
  /** Does something while the model has the masks that it is trained with: what is pruned costs one engine nothing. */
  readonly masked?: <T>(work: () => Promise<T>) => Promise<T>;
}

/**
 * The engine for all that a job computes of a model: the one that is fastest at what takes the most time, which is training
 * where there is any, masks held, on the first samples.
 * @param use absent where there is no data
 */
export async function chooseEngine(
  graph: Graph,
  options: EngineOptions,
  use?: EngineUse,
): Promise<SettledEngine> {
  const { engine = 'auto', tensorflow } = options;
  // A choice by a clock may fall otherwise now, and only this engine can go on.
  if (engine === 'auto' && tensorflow !== undefined && use?.begun !== undefined)
    return { options: { ...options, engine: engineIdOf(use.begun) }, notes: [] };
  if (!use || use.samples.samples.count === 0) return settleEngine(graph, options, { trains: false });
  const timed = engine === 'auto' && tensorflow !== undefined;
  if (!timed) return settleEngine(graph, options, { trains: use.trains });
  const { batch = defaultBatch, trains } = use;
  const { inputs, count } = use.samples.samples;
  const size = Math.min(batch, count, affordableSamples(graph, stepsOf(inputs)));
  if (!trains) {
    const first = inputs.map((input) => sliceSamples(input, 0, size));
    return settleEngine(graph, options, { trains, inputs: first });
  }
  const trial = await trainingTrial(graph, use.samples, size, options);
  const settle = () => settleEngine(trial.graph, options, { trains, inputs: trial.inputs });
  return use.masked ? use.masked(settle) : settle();
}

/** A graph that ends in a loss, and a batch for it. */
async function trainingTrial(
  graph: Graph,
  { samples, loss }: EngineUse['samples'],
  size: number,
  options: EngineOptions,
): Promise<{ graph: Graph; inputs: readonly Tensor[] }> {
  const inputs = samples.inputs.map((input) => sliceSamples(input, 0, size));
  if (loss && samples.targets) {
    const [targets] = asTargets(loss, [samples.targets]);
    const { graph: lossGraph } = withLoss(graph, loss, targets);
    return { graph: lossGraph, inputs: [...inputs, sliceSamples(targets, 0, size)] };
  }
  // Without targets the model's own outputs stand in for them; any loss takes as long.
  const teacher = await openTeacher(
    graph,
    [],
    { head: 'linear', temperature: 1 },
    { ...options, engine: 'wasm' },
  );
  try {
    const { graph: lossGraph } = withTeacher(graph, teacher.teaching, teacher.width);
    return { graph: lossGraph, inputs: [...inputs, await teacher.targets(inputs)] };
  } finally {
    await teacher.dispose();
  }
}
