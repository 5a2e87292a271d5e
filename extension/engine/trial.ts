import type { Graph } from '../model/graph.ts';
import { Random } from '../model/random.ts';
import type { Tensor } from '../model/tensor.ts';
import { operationsPerSample } from '../ops/cost.ts';
import { freeSteps, randomBatch } from './randomInputs.ts';
import type { Session, TrainingSession } from './session.ts';

const mostSamples = 32;
/** Of one batch: large enough to keep threads busy, and some tenths of a second on slow machines. */
const operations = 1e9;
/** An engine is timed for about this long, but at least twice. */
const trialMilliseconds = 200;

/** Samples of a batch that does not take long, at least one. @param steps of inputs whose length is free */
export function affordableSamples(graph: Graph, steps: number): number {
  return Math.max(1, Math.floor(operations / operationsPerSample(graph, steps)));
}

/** A batch for a graph of which there are no samples. */
export function trialBatch(graph: Graph): Tensor[] {
  const samples = Math.min(mostSamples, affordableSamples(graph, freeSteps(graph)));
  return randomBatch(graph, samples, freeSteps(graph), new Random(1));
}

/**
 * The least time of one batch in milliseconds: of gradients where the session trains, else of the outputs. Nothing
 * changes by it.
 * @param inputs one for each graph input
 */
export async function timeBatch(
  session: Session | TrainingSession,
  inputs: readonly Tensor[],
): Promise<number> {
  const once = async () => {
    const start = performance.now();
    if ('gradients' in session) await session.gradients({ inputs });
    else await session.forward(inputs);
    return performance.now() - start;
  };
  // The first one still compiles and allocates.
  let least = await once();
  const end = performance.now() + trialMilliseconds;
  for (let i = 0; i < 2 || performance.now() < end; i++) least = Math.min(least, await once());
  return least;
}
