import { intOf, intsOf } from '../../attributes.ts';
import type { OnnxNode } from '../../proto.ts';
import { nameOf } from '../../recurrent/found.ts';
import { unstacked } from '../arrange.ts';
import { type Length, plus } from '../lengths.ts';
import { firstPlaces } from '../likeSteps.ts';
import type { Lowering } from '../lowering.ts';
import { refused } from '../refuse.ts';
import type { Rule } from '../rule.ts';
import { flowOf, type Value } from '../values.ts';
import { cut, cutNumbers } from './cut.ts';
import { frontAxis } from './layout.ts';

/** Slice, along any axes. */
export const sliceRule: Rule = async (lowering, node) => {
  const data = lowering.needed(node, 0);
  const rank = (data.kind === 'flow' ? data.axes : data.shape).length;
  const starts = intsOf(node, 'starts') ?? (await lowering.numbers(node, 1))?.values ?? [];
  const ends = intsOf(node, 'ends') ?? (await lowering.numbers(node, 2))?.values ?? [];
  const axes = intsOf(node, 'axes') ?? (await lowering.integers(node, 3)) ?? starts.map((_, i) => i);
  const steps = (await lowering.integers(node, 4)) ?? starts.map(() => 1);
  let result = data;
  for (const [i, axis] of axes.entries())
    result = await sliced(lowering, result, frontAxis(node, axis, rank), starts[i], ends[i], steps[i], node);
  lowering.set(node.outputs[0], result);
};

async function sliced(
  lowering: Lowering,
  value: Value,
  axis: number,
  start: Length,
  end: Length,
  step: number,
  node: OnnxNode,
): Promise<Value> {
  const length = value.kind === 'flow' ? value.axes[axis].length : value.shape[axis];
  const isEnd = (at: Length) =>
    typeof at === 'number'
      ? at >= 2 ** 31 - 1 || at === length
      : JSON.stringify(at) === JSON.stringify(length);
  if (step === -1 && (start === -1 || isEnd(plus(start, 1))) && typeof end === 'number' && end < -(2 ** 30))
    return reversed(lowering, value, axis, node);
  if (step < 1) throw refused(node, { code: 'reasonInputComputed', args: { input: 4 } });
  if (typeof start !== 'number') throw refused(node, { code: 'reasonInputComputed', args: { input: 1 } });
  if (isEnd(end))
    return start === 0 && step === 1 ? value : cut(lowering, value, { axis, start, step }, node);
  const isFirst = start === 0 && step === 1 && (value.kind === 'weight' || value.kind === 'flow');
  if (typeof end !== 'number') {
    if (!isFirst) throw refused(node, { code: 'reasonInputComputed', args: { input: 2 } });
    return await firstPlaces(lowering, value, axis, end, node);
  }
  return cut(lowering, value, { axis, start, end, step }, node);
}

/** The order of the steps, or of numbers, turned round. */
function reversed(lowering: Lowering, value: Value, axis: number, node: OnnxNode): Value {
  if (value.kind === 'uniform') return value;
  if (value.kind === 'numbers') {
    const count = value.shape[axis];
    return cutNumbers(value, axis, count - 1, count, -1);
  }
  if (value.kind !== 'flow') throw refused(node, { code: 'reasonInputConstant', args: { input: 0 } });
  const { emitter } = lowering;
  const flow = unstacked(emitter, value, node);
  const [part] = flow.axes[axis].parts;
  if (flow.axes[axis].parts.length !== 1 || part !== 1)
    throw refused(node, { code: 'reasonInputComputed', args: { input: 4 } });
  const name = emitter.add(
    { op: 'Reverse', inputs: flow.values },
    emitter.shape(flow.values[0]),
    nameOf(node),
    node.outputs[0],
  );
  return flowOf([name], flow.axes);
}

/** Split, into equal parts or such of stated lengths. */
export const splitRule: Rule = async (lowering, node) => {
  const value = lowering.needed(node, 0);
  const rank = (value.kind === 'flow' ? value.axes : value.shape).length;
  const axis = frontAxis(node, intOf(node, 'axis', 0), rank);
  const length = value.kind === 'flow' ? value.axes[axis].length : value.shape[axis];
  const count = node.outputs.length;
  const stated = intsOf(node, 'split') ?? (await lowering.integers(node, 1));
  if (!stated && typeof length !== 'number') throw refused(node, { code: 'reasonAxesFree', args: {} });
  if (stated && (stated.length !== count || stated.some((part) => part < 0)))
    throw refused(node, { code: 'reasonAttribute', args: { name: 'split' } });
  const each = Math.ceil((length as number) / count);
  const lengths =
    stated ?? Array.from({ length: count }, (_, i) => Math.min(each, (length as number) - i * each));
  let begin = 0;
  for (const [i, part] of lengths.entries()) {
    lowering.set(node.outputs[i], cut(lowering, value, { axis, start: begin, end: begin + part }, node));
    begin += part;
  }
};
