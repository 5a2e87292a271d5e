import type { GraphNode } from '../model/graph.ts';
import { checkRank, misfit, type Shape, type ShapeRule } from './shape.ts';

/** The features of one sample; null where an axis is free. */
function perSample(shape: Shape): number | null {
  return shape
    .slice(1)
    .reduce<number | null>((product, n) => (product === null || n === null ? null : product * n), 1);
}

/** All axes but the batch become one. */
export const flattenShape: ShapeRule = (_node, [x]) => [[x[0], perSample(x)]];

/** A new shape behind the batch axis; −1 takes what is left. */
export const reshapeShape: ShapeRule<Extract<GraphNode, { op: 'Reshape' }>> = (node, [x]) => {
  const size = perSample(x);
  const known = node.shape.reduce((product, n) => (n === -1 ? product : product * n), 1);
  const open = node.shape.includes(-1);
  if (size !== null && (open ? size % known !== 0 : size !== known)) {
    throw misfit(node, x, { code: 'expectedMultiple', args: { count: known } });
  }
  const left = size === null ? null : size / known;
  return [[x[0], ...node.shape.map((n) => (n === -1 ? left : n))]];
};

/** The axes in another order. */
export const transposeShape: ShapeRule<Extract<GraphNode, { op: 'Transpose' }>> = (node, [x]) => {
  checkRank(node, x, [node.permutation.length]);
  return [node.permutation.map((axis) => x[axis])];
};
