import { Random } from '../model/random.ts';

/** What random numbers are drawn for; each purpose has its own. */
const purposes = { order: 1, dropout: 2 } as const;

/**
 * The order in which an epoch goes through `count` samples (Fisher and Yates, 1938). It depends on the seed and the epoch alone, so that
 * a training that was broken off goes on as if it had not been.
 */
export function epochOrder(count: number, seed: number, epoch: number): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  const random = new Random(derivedSeed(seed, purposes.order, epoch));
  for (let i = count - 1; i > 0; i--) {
    const other = random.below(i + 1);
    [order[i], order[other]] = [order[other], order[i]];
  }
  return order;
}

/** Steps of an epoch, one a minibatch; the last may be smaller. */
export function stepsOfEpoch(count: number, batch: number): number {
  return Math.ceil(count / batch);
}

/** Decides what dropout drops at a step, counted over all epochs. */
export function dropoutSeed(seed: number, step: number): number {
  return derivedSeed(seed, purposes.dropout, step);
}

function derivedSeed(seed: number, ...parts: readonly number[]): number {
  return parts.reduce((mixed, part) => new Random(mixed ^ part).next(), new Random(seed).next());
}
