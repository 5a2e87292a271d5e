import type { GraphNode } from '../model/graph.ts';
import { frontAxis, misfit, type ShapeRule } from './shape.ts';

/** Inputs alike but for one axis, whose lengths add up. */
export const concatShape: ShapeRule<Extract<GraphNode, { op: 'Concat' }>> = (node, inputs) => {
  const [first] = inputs;
  const axis = frontAxis(node.axis, first.length);
  if (!(axis > 0 && axis < first.length))
    throw misfit(node, first, { code: 'expectedAxis', args: { axis: node.axis } });
  let length: number | null = 0;
  for (const shape of inputs) {
    const fits =
      shape.length === first.length &&
      shape.every((n, i) => i === axis || n === first[i] || n === null || first[i] === null);
    if (!fits) throw misfit(node, shape, { code: 'expectedAlike', args: {} });
    length = length === null || shape[axis] === null ? null : length + shape[axis];
  }
  return [first.map((n, i) => (i === axis ? length : n))];
};
