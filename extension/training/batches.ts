import { isMemoryError } from '../engine/memoryError.ts';
import type { Session } from '../engine/session.ts';
import type { Graph } from '../model/graph.ts';
import type { Tensor } from '../model/tensor.ts';
import { operationsPerSample } from '../ops/cost.ts';

/** Batches are cut so that one takes about this long: others wait no longer for an answer, or a cancel to be obeyed. */
const secondsPerBatch = 0.2;

/**
 * How many samples to compute at a time: at most `largest`, fewer where a sample takes long on this engine. It depends on no clock, so
 * that the last digits of what is added up do not either.
 */
export function batchSize(
  { speed }: Pick<Session, 'speed'>,
  graph: Graph,
  inputs: readonly Tensor[],
  largest: number,
): number {
  const affordable = Math.floor((speed * secondsPerBatch) / operationsPerSample(graph, stepsOf(inputs)));
  return Math.max(1, Math.min(affordable, largest));
}

/** Length of the longest input: its axis behind the samples. */
export function stepsOf(inputs: readonly Tensor[]): number {
  return Math.max(1, ...inputs.map(({ shape }) => (shape.length > 1 ? shape[1] : 1)));
}

/**
 * Works through `count` samples in order, `size` at a time, or fewer from where that many do not fit into the engine's memory.
 * @param compute does nothing that lasts where it throws
 * @param step called before each batch with the share that is done; throws to stop
 */
export async function inBatches(
  count: number,
  size: number,
  step: ((done: number) => Promise<void>) | undefined,
  compute: (from: number, to: number) => Promise<void>,
): Promise<void> {
  let most = size;
  let from = 0;
  while (from < count) {
    await step?.(from / count);
    const to = Math.min(from + most, count);
    try {
      await compute(from, to);
      from = to;
    } catch (error) {
      if (!isMemoryError(error) || to - from === 1) throw error;
      most = Math.ceil((to - from) / 2);
    }
  }
}
