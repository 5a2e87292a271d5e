import { sliceSamples } from '../data/shapes.ts';
import { engineIdOf } from '../engine/engineIds.ts';
import type { EngineOptions } from '../engine/session.ts';
import { type SettledEngine, settleEngine } from '../engine/settleEngine.ts';
import { affordableSamples } from '../engine/trial.ts';
import type { Graph } from '../model/graph.ts';
import type { Tensor } from '../model/tensor.ts';
import { stepsOf } from './batches.ts';
import { defaultBatch } from './defaults.ts';
import { asTargets, withLoss } from './lossGraph.ts';
import type { ReportedSamples } from './samples.ts';

/** What a job computes a model on. */
export interface EngineUse {
  readonly samples: Pick<ReportedSamples, 'samples' | 'loss'>;
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
  const { batch = defaultBatch, trains } = use;
  const { loss, samples } = use.samples;
  const { inputs, count } = samples;
  const size = Math.min(batch, count, affordableSamples(graph, stepsOf(inputs)));
  const first = (tensor: Tensor) => sliceSamples(tensor, 0, size);
  if (!trains) return settleEngine(graph, options, { trains, inputs: inputs.map(first) });
  const [targets] = asTargets(loss, [samples.targets]);
  const { graph: lossGraph } = withLoss(graph, loss, targets);
  const settle = () => settleEngine(lossGraph, options, { trains, inputs: [...inputs, targets].map(first) });
  const timed = engine === 'auto' && tensorflow !== undefined;
  return timed && use.masked ? use.masked(settle) : settle();
}
