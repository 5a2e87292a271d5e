import type { GraphNode } from '../model/graph.ts';
import { isOfClasses, isOfSequences } from '../model/loss.ts';
import { checkInputs, checkShape, checkWidth, type Shape, type ShapeRule } from './shape.ts';

/**
 * Values [B,…,C] and targets of the same shape, or where one value a row is the target [B,…] or [B,…,1], to two scalars.
 * With C = 1 values may lack the last axis, too. Of a loss of sequences [B,T,C] and labels [B,L].
 */
export const lossShape: ShapeRule<Extract<GraphNode, { op: 'Loss' }>> = (node, inputs) => {
  checkInputs(node, inputs, 2, 2);
  const [values, targets] = inputs;
  const { name, width } = node.loss;
  if (isOfSequences(name)) {
    checkShape(node, values, [null, null, width]);
    checkShape(node, targets, [values[0], null]);
    return [[], []];
  }
  const hasRows = values.length > 1 && (width !== 1 || values.at(-1) === 1 || values.at(-1) === null);
  if (width !== 1) checkWidth(node, values, width);
  const leading: Shape = hasRows ? values.slice(0, -1) : values;
  const last = isOfClasses(name) ? 1 : width;
  const bare = last === 1 && targets.length === leading.length;
  checkShape(node, targets, bare ? leading : [...leading, last]);
  return [[], []];
};
