import type { OnnxNode } from '../../proto.ts';
import { nameOf } from '../../recurrent/found.ts';
import { withLast } from '../arrange.ts';
import { type Length, minus, over, plus } from '../lengths.ts';
import type { Lowering } from '../lowering.ts';
import { refused } from '../refuse.ts';
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

/** Places of an axis from `start` up to `end`, both perhaps counted from the end; without an end all that follow. */
export interface Cut {
  readonly axis: number;
  readonly start: number;
  readonly end?: number | undefined;
  /** Absent: 1. */
  readonly step?: number;
}

/** Some places of a value, or with `select` the only one, whose axis goes where it is one of our values. */
export function cut(lowering: Lowering, value: Value, places: Cut, node: OnnxNode, select?: 'select'): Value {
  if (value.kind === 'flow') return cutFlow(lowering, value, places, node, select);
  const { axis, step = 1 } = places;
  const length = value.shape[axis];
  if (value.kind === 'uniform') return { ...value, shape: value.shape.with(axis, cutLength(length, places)) };
  if (typeof length !== 'number' || (value.kind !== 'weight' && value.kind !== 'numbers'))
    throw refused(node, { code: 'reasonAxesFree', args: {} });
  const { first, count } = range(length, places);
  const shape = value.shape.with(axis, count);
  if (value.kind === 'weight') {
    const strides = value.strides.with(axis, value.strides[axis] * step);
    return { ...value, shape, strides, offset: value.offset + first * value.strides[axis] };
  }
  return cutNumbers(value, axis, first, count, step);
}

/** `count` places of an axis of known numbers, `step` apart, which may go backwards. */
export function cutNumbers(
  value: Numbers,
  axis: number,
  first: number,
  count: number,
  step: number,
): Numbers {
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

function range(length: number, { start, end, step = 1 }: Cut) {
  const place = (at: number) => Math.min(Math.max(at < 0 ? at + length : at, 0), length);
  const first = place(start);
  return { first, count: Math.max(0, Math.ceil((place(end ?? length) - first) / step)) };
}

/** How many places are taken of an axis that may be free. */
function cutLength(length: Length, places: Cut): Length {
  if (typeof length === 'number') return range(length, places).count;
  const { start, end, step = 1 } = places;
  // Both ends are counted from the end of an axis that is taken to be long enough.
  if (start < 0 && (end === undefined || end < 0)) return Math.max(0, Math.ceil(((end ?? 0) - start) / step));
  const begin = start < 0 ? plus(length, start) : start;
  const stop = end === undefined ? length : end < 0 ? plus(length, end) : end;
  const count = minus(stop, begin);
  return step === 1 ? count : (over(count, step) ?? plus(count, 0));
}

function cutFlow(lowering: Lowering, flow: Flow, places: Cut, node: OnnxNode, select?: 'select'): Flow {
  const { emitter } = lowering;
  const { axis, start, end, step = 1 } = places;
  const own = flow.axes[axis];
  const length = cutLength(own.length, places);
  if (own.parts.length === 0) return flowOf(flow.values, flow.axes.with(axis, { parts: [], length }));
  if (own.parts.length === 1 && own.parts[0] === stack) {
    const { first, count } = range(flow.values.length, places);
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
