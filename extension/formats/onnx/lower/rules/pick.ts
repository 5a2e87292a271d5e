import { intOf, intsOf } from '../../attributes.ts';
import type { OnnxNode } from '../../proto.ts';
import { nameOf } from '../../recurrent/found.ts';
import { unstacked, withLast } from '../arrange.ts';
import { type Length, minus, over, plus } from '../lengths.ts';
import { firstPlaces } from '../likeSteps.ts';
import type { Lowering } from '../lowering.ts';
import { refused } from '../refuse.ts';
import type { Rule } from '../rule.ts';
import {
  type Flow,
  type FlowAxis,
  flowOf,
  type Numbers,
  numbers,
  placesOf,
  rowMajor,
  stack,
  type Value,
} from '../values.ts';
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
    return start === 0 && step === 1 ? value : cut(lowering, value, axis, start, undefined, step, node);
  const isFirst = start === 0 && step === 1 && (value.kind === 'weight' || value.kind === 'flow');
  if (typeof end !== 'number') {
    if (!isFirst) throw refused(node, { code: 'reasonInputComputed', args: { input: 2 } });
    return await firstPlaces(lowering, value, axis, end, node);
  }
  return cut(lowering, value, axis, start, end, step, node);
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

/** Places from `start` up to `end`, both perhaps counted from the end. */
export function cut(
  lowering: Lowering,
  value: Value,
  axis: number,
  start: number,
  end: number | undefined,
  step: number,
  node: OnnxNode,
  select?: 'select',
): Value {
  if (value.kind === 'flow') return cutFlow(lowering, value, axis, start, end, step, node, select);
  const length = value.shape[axis];
  if (value.kind === 'uniform')
    return { ...value, shape: value.shape.with(axis, cutLength(length, start, end, step)) };
  if (typeof length !== 'number' || (value.kind !== 'weight' && value.kind !== 'numbers'))
    throw refused(node, { code: 'reasonAxesFree', args: {} });
  const { first, count } = range(length, start, end, step);
  const shape = value.shape.with(axis, count);
  if (value.kind === 'weight') {
    const strides = value.strides.with(axis, value.strides[axis] * step);
    return { ...value, shape, strides, offset: value.offset + first * value.strides[axis] };
  }
  return cutNumbers(value, axis, first, count, step);
}

function cutNumbers(value: Numbers, axis: number, first: number, count: number, step: number): Numbers {
  const shape = value.shape.with(axis, count);
  const strides = rowMajor(value.shape);
  const places = placesOf(shape, strides.with(axis, strides[axis] * step), first * strides[axis]);
  const picked = places.map((place) => value.values[place]);
  return numbers(
    shape,
    picked,
    value.integer,
    value.sources && places.map((place) => value.sources?.[place]),
  );
}

function range(length: number, start: number, end: number | undefined, step: number) {
  const place = (at: number) => Math.min(Math.max(at < 0 ? at + length : at, 0), length);
  const first = place(start);
  return { first, count: Math.max(0, Math.ceil((place(end ?? length) - first) / step)) };
}

/** How many places are taken of an axis that may be free. */
function cutLength(length: Length, start: number, end: number | undefined, step: number): Length {
  if (typeof length === 'number') return range(length, start, end, step).count;
  // Both ends are counted from the end of an axis that is taken to be long enough.
  if (start < 0 && (end === undefined || end < 0)) return Math.max(0, Math.ceil(((end ?? 0) - start) / step));
  const begin = start < 0 ? plus(length, start) : start;
  const stop = end === undefined ? length : end < 0 ? plus(length, end) : end;
  const count = minus(stop, begin);
  return step === 1 ? count : (over(count, step) ?? plus(count, 0));
}

function cutFlow(
  lowering: Lowering,
  flow: Flow,
  axis: number,
  start: number,
  end: number | undefined,
  step: number,
  node: OnnxNode,
  select?: 'select',
): Flow {
  const { emitter } = lowering;
  const own = flow.axes[axis];
  const length = cutLength(own.length, start, end, step);
  if (own.parts.length === 0) return flowOf(flow.values, flow.axes.with(axis, { parts: [], length }));
  if (own.parts.length === 1 && own.parts[0] === stack) {
    const { first, count } = range(flow.values.length, start, end, step);
    const values = Array.from({ length: count }, (_, i) => flow.values[first + i * step]);
    return flowOf(values, flow.axes.with(axis, { parts: count === 1 ? [] : [stack], length: count }));
  }
  if (own.parts.includes(0)) {
    if (own.length === 1 && length === 1) return flow;
    throw refused(node, { code: 'reasonMixesSamples', args: {} });
  }
  const single = own.parts.length === 1 ? flow : withLast(emitter, flow, [axis], node);
  const [part] = single.axes[axis].parts;
  if (select) return selectPlace(lowering, single, axis, part, start, node);
  const values = single.values.map((name) => {
    const shape = emitter.shape(name).with(part, { length });
    const bounds = { begin: start, ...(end !== undefined && { end }), ...(step !== 1 && { step }) };
    return emitter.add(
      { op: 'Slice', axis: part, ...bounds, inputs: [name] },
      shape,
      nameOf(node),
      node.outputs[0],
    );
  });
  return flowOf(values, single.axes.with(axis, { parts: [part], length }));
}

/** One place of an axis of our values, which then do not have the axis. */
function selectPlace(
  lowering: Lowering,
  flow: Flow,
  axis: number,
  part: number,
  index: number,
  node: OnnxNode,
): Flow {
  const { emitter } = lowering;
  const values = flow.values.map((name) => {
    const last = lastOutput(lowering, name, part, index, flow.axes[axis].length);
    const shape = emitter.shape(name).toSpliced(part, 1);
    return (
      last ??
      emitter.add({ op: 'Select', axis: part, index, inputs: [name] }, shape, nameOf(node), node.outputs[0])
    );
  });
  const moved = (one: FlowAxis): FlowAxis => ({
    ...one,
    parts: one.parts.map((k) => (k > part ? k - 1 : k)),
  });
  return flowOf(
    values,
    flow.axes.map((one, i) => (i === axis ? { parts: [], length: 1 } : moved(one))),
  );
}

/** A recurrent layer has its last step as an output of its own. */
function lastOutput(
  { emitter }: Lowering,
  name: string,
  part: number,
  index: number,
  length: Length,
): string | undefined {
  const made = emitter.producer(name);
  if (part !== 1 || !made || !('layer' in made) || made.outputs[0] !== name || made.mask !== undefined)
    return undefined;
  const isLast = index === -1 || index === minus(length, 1);
  return (made.reverse ? index === 0 : isLast) ? made.outputs[1] : undefined;
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
    lowering.set(node.outputs[i], cut(lowering, value, axis, begin, begin + part, 1, node));
    begin += part;
  }
};
