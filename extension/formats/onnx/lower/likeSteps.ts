import type { OnnxNode } from '../proto.ts';
import { nameOf } from '../recurrent/found.ts';
import { withLast } from './arrange.ts';
import type { Length } from './lengths.ts';
import type { Lowering } from './lowering.ts';
import { refused } from './refuse.ts';
import { type Flow, type FlowAxis, flowOf, notional, type WeightValue } from './values.ts';
import { weightNode } from './weightFlow.ts';

/** The first places of an axis, as many as a length that is free until data comes: such as positions of as many steps as there are. */
export async function firstPlaces(
  lowering: Lowering,
  value: Flow | WeightValue,
  axis: number,
  length: Length,
  node: OnnxNode,
): Promise<Flow> {
  const { emitter } = lowering;
  const like = emitter.withLength(length);
  if (!like) throw refused(node, { code: 'reasonAxesFree', args: {} });
  const given = value.kind === 'flow' ? value : await asFlow(lowering, value, node);
  if (like.axis === 0 || given.axes[axis].parts.includes(0))
    throw refused(node, { code: 'reasonMixesSamples', args: {} });
  const flow = given.axes[axis].parts.length === 1 ? given : withLast(emitter, given, [axis], node);
  const [part] = flow.axes[axis].parts;
  if (!(part > 0)) throw refused(node, { code: 'reasonAxesFree', args: {} });
  const values = flow.values.map((name) =>
    emitter.add(
      { op: 'Slice', axis: part, begin: 0, likeAxis: like.axis, inputs: [name, like.value] },
      emitter.shape(name).with(part, { length }),
      nameOf(node),
      node.outputs[0],
    ),
  );
  return flowOf(values, flow.axes.with(axis, { parts: [part], length }));
}

/** Learned values with those axes alone along which there are several. */
async function asFlow(lowering: Lowering, value: WeightValue, node: OnnxNode): Promise<Flow> {
  const { shape, strides } = value;
  const kept = [...shape.keys()].filter((axis) => shape[axis] !== 1);
  const [lengths, steps] = [shape, strides].map((list) => kept.map((axis) => list[axis]));
  const name = await weightNode(lowering, value, lengths, steps, node);
  const axes = shape.map((length, axis): FlowAxis => {
    return length === 1 ? notional : { parts: [kept.indexOf(axis) + 1], length };
  });
  return flowOf([name], axes);
}
