import type { MergeNode } from '../model/mergeNode.ts';
import { checkInputs, checkShape, type ShapeRule } from './shape.ts';
import { met, moved, type UnitRule } from './units.ts';

/** Inputs of one shape, but for axes of length 1 that are repeated and axes that are missing behind the batch. */
export const mergeShape: ShapeRule<MergeNode> = (node, inputs) => {
  if (node.op === 'Sub' || node.op === 'Div' || node.op === 'Pow') checkInputs(node, inputs, 2, 2);
  const rank = Math.max(...inputs.map((shape) => shape.length));
  const merged = inputs
    .map((shape) => mergedAxes(shape, rank))
    .reduce((sum, shape) => {
      checkShape(
        node,
        shape,
        sum.map((n, i) => (n === 1 ? shape[i] : shape[i] === 1 ? 1 : n)),
      );
      return sum.map((n, i) => repeated(n, shape[i]));
    });
  return [merged];
};

/** A merge's input with as many axes as the output: those that it lacks are of length 1 and stand behind the batch axis. */
export function mergedAxes<N extends number | null>(shape: readonly N[], rank: number): (N | 1)[] {
  const missing = Array.from({ length: rank - shape.length }, () => 1 as const);
  return [shape[0], ...missing, ...shape.slice(1)];
}

/** The longer of two lengths that are equal or 1; null is free. */
function repeated(a: number | null, b: number | null): number | null {
  return a === 1 || a === null ? (b === 1 ? a : b) : a;
}

/**
 * Units that meet can only go together: without one of a sum there would be nothing to add to the other. A value that is repeated
 * along the units stays, and moves those that are 0.
 */
export const mergeUnits: UnitRule<MergeNode> = (node, inputs, trace) => {
  const rank = Math.max(...inputs.map(({ shape }) => shape.length));
  const all = inputs.map(({ shape, axes }) => {
    const lacking = Array.from({ length: rank - shape.length }, () => undefined);
    return { shape: mergedAxes(shape, rank), axes: [axes[0], ...lacking, ...axes.slice(1)] };
  });
  const axes = all[0].shape.map((_, axis) => {
    const repeated = all.filter(({ shape }) => shape[axis] === 1);
    if (repeated.length === 0 || repeated.length === all.length) {
      const units = trace.tied(
        all.map((one) => one.axes[axis]),
        met(node),
      );
      return units && keepsZero(node) ? units : units && moved(units);
    }
    for (const one of repeated) trace.tied([one.axes[axis], undefined], met(node));
    const whole = all.filter(({ shape }) => shape[axis] !== 1).map((one) => one.axes[axis]);
    const units = trace.tied(whole, met(node));
    return units && moved(units);
  });
  return [axes];
};

/** 0 divided by 0 is no number, and 0 to the power of 0 is 1. */
function keepsZero({ op }: MergeNode): boolean {
  return op !== 'Div' && op !== 'Pow';
}
