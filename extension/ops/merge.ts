import type { MergeNode } from '../model/graph.ts';
import { checkInputs, checkShape, type ShapeRule } from './shape.ts';

/** Inputs of one shape, but for axes of length 1 that are repeated and axes that are missing behind the batch. */
export const mergeShape: ShapeRule<MergeNode> = (node, inputs) => {
  if (node.op === 'Sub') checkInputs(node, inputs, 2, 2);
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
