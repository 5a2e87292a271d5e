import { type Parameter, sizeOf } from '../../model/parameter.ts';
import { keptShape, type Shrinking } from '../../model/shrinking.ts';
import { traceUnits } from '../../ops/traceUnits.ts';
import { placedAxes } from './placedAxes.ts';
import { frozenLayers, type Shrunk, type Solvable } from './shrink.ts';
import { setsIn } from './unitSets.ts';
import { withoutUnits } from './withoutUnits.ts';

export interface ShrunkWithin extends Shrunk {
  /** Parameters that stay. */
  readonly parameters: number;
}

/**
 * The largest model of the same structure that has at most so many parameters, whatever its weights are: every set of units that can go is
 * cut to the same share, rounded down, at least one unit; what room is left goes unit by unit to the sets that the next larger share
 * would give one, in the order of the model. Where even the smallest is larger, it is that one.
 */
export function shrinkWithin(model: Solvable, most: number): ShrunkWithin {
  const traced = traceUnits(model);
  const axes = placedAxes(traced.trace);
  const sets = setsIn(traced, model.layers).filter(({ set }) => !set.frozen);
  const order = growthOrder(sets.map(({ units }) => units.length));
  const grown = (steps: number): Omit<ShrunkWithin, 'frozen'> => {
    const kept = sets.map(() => 1);
    for (const at of order.slice(0, steps)) kept[at]++;
    const removed = new Set(sets.flatMap(({ units }, at) => units.slice(kept[at])));
    const remaining = withoutUnits(removed, traced, axes, model);
    return { ...remaining, parameters: count(model.parameters, remaining.shrinking) };
  };
  let [fits, over] = [0, order.length + 1];
  while (over - fits > 1) {
    const middle = (fits + over) >> 1;
    if (grown(middle).parameters <= most) fits = middle;
    else over = middle;
  }
  return { ...grown(fits), frozen: frozenLayers(traced, model.layers) };
}

/** Which set gets the next unit, where each begins with one: that of the smallest share with it. */
function growthOrder(sizes: readonly number[]): number[] {
  const steps = sizes.flatMap((size, at) =>
    Array.from({ length: Math.max(0, size - 1) }, (_, i) => ({ at, share: (i + 2) / size })),
  );
  return steps.sort((a, b) => a.share - b.share || a.at - b.at).map(({ at }) => at);
}

function count(parameters: readonly Parameter[], shrinking: Shrinking | undefined): number {
  return parameters.reduce((sum, { name, shape }) => {
    const kept = shrinking?.parameters.get(name);
    return sum + sizeOf(kept ? keptShape(shape, kept) : shape);
  }, 0);
}
