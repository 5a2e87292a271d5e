import type { GraphNode } from '../model/graph.ts';
import { checkedAxis, frontAxis, misfit, type ShapeRule } from './shape.ts';
import { met, type TracedValue, type UnitRule } from './units.ts';
import type { Units, UnitTrace } from './unitTrace.ts';

/** Inputs alike but for one axis, whose lengths add up. */
export const concatShape: ShapeRule<Extract<GraphNode, { op: 'Concat' }>> = (node, inputs) => {
  const [first] = inputs;
  const axis = checkedAxis(node, first, node.axis);
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

/** Along the features the units stand side by side; along another axis they meet at the same places. */
export const concatUnits: UnitRule<Extract<GraphNode, { op: 'Concat' }>> = (node, inputs, trace) => {
  const joined = frontAxis(node.axis, inputs[0].shape.length);
  const axes = inputs[0].axes.map((_, axis) => {
    const units = inputs.map((input) => input.axes[axis]);
    return axis === joined ? sideBySide(node, inputs, axis, trace) : trace.tied(units, met(node));
  });
  return [axes];
};

function sideBySide(
  node: GraphNode,
  inputs: readonly TracedValue[],
  axis: number,
  trace: UnitTrace,
): Units | undefined {
  if (inputs.every(({ axes }) => !axes[axis])) return undefined;
  const widths = inputs.map(({ shape }) => shape[axis]);
  if (widths.includes(null))
    return trace.tied(
      inputs.map(({ axes }) => axes[axis]),
      met(node),
    );
  const parts = inputs.map(({ axes, shape }): Units => {
    const slots = axes[axis]?.slots ?? trace.fixed(shape[axis] as number, met(node));
    return { slots, keepsZero: axes[axis]?.keepsZero ?? new Uint8Array(slots.length) };
  });
  return {
    slots: Int32Array.from(parts.flatMap(({ slots }) => [...slots])),
    keepsZero: Uint8Array.from(parts.flatMap(({ keepsZero }) => [...keepsZero])),
  };
}
