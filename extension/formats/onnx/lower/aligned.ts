import type { ValueName } from '../../../model/graph.ts';
import { sizeOf } from '../../../model/parameter.ts';
import type { OnnxNode } from '../proto.ts';
import { nameOf } from '../recurrent/found.ts';
import { regroup, unstacked, withLast } from './arrange.ts';
import type { Emitter } from './emitter.ts';
import type { Lowering } from './lowering.ts';
import { refused } from './refuse.ts';
import {
  everySample,
  type Flow,
  type FlowAxis,
  flowOf,
  lengthsOf,
  notional,
  type Place,
  placesOf,
  rowMajor,
  type Value,
} from './values.ts';
import { weightNode } from './weightFlow.ts';

/** A factor of an axis of the outcome: the i-th part of ONNX axis `axis`. */
interface Factor {
  readonly axis: number;
  readonly index: number;
}

/** Values that meet as ONNX broadcasts them, arranged so that one merge of ours takes them. */
export interface Aligned {
  readonly values: readonly ValueName[];
  /** Shape of the outcome. */
  readonly shape: readonly Place[];
  /** How the ONNX axes of the outcome lie on it. */
  readonly axes: readonly FlowAxis[];
}

/** Brings flows, and what is known beside them, to one order of axes. At least one operand is a flow. */
export async function aligned(
  lowering: Lowering,
  operands: readonly Value[],
  node: OnnxNode,
): Promise<Aligned> {
  const { emitter } = lowering;
  const rank = Math.max(...operands.map((value) => rankOf(value)));
  let flows = operands.map((value) =>
    value.kind === 'flow' ? widened(unstacked(emitter, value, node), rank) : value,
  );
  flows = withEqualParts(emitter, flows, rank, node);
  const shapes = flows.filter((value) => value.kind === 'flow');
  const factors = factorsOf(emitter, shapes, rank, node);
  const behind = factors.filter(({ axis, index }) => !isBatch(shapes, axis, index));
  const order = ordered(shapes, behind);
  const values: ValueName[] = [];
  const placed: (readonly Place[])[] = [];
  for (const value of flows) {
    const name =
      value.kind === 'flow'
        ? arranged(emitter, value, order, node)
        : await constant(lowering, value, rank, factors, order, shapes, node);
    values.push(name);
    const places = emitter.shape(name);
    const missing = order.length + 1 - places.length;
    placed.push([places[0], ...Array.from({ length: missing }, () => ({ length: 1 })), ...places.slice(1)]);
  }
  const shape = Array.from({ length: order.length + 1 }, (_, axis) => {
    const all = placed.map((places) => places[axis]);
    const known = all.filter((place) => !place.everySample);
    return known.find(({ length }) => length !== 1) ?? known[0] ?? all[0];
  });
  const axes = Array.from({ length: rank }, (_, axis): FlowAxis => {
    const own = factors.filter((factor) => factor.axis === axis);
    const parts = own.map((factor) =>
      isBatch(shapes, factor.axis, factor.index) ? 0 : order.indexOf(factor) + 1,
    );
    const all = flows.map((value) => lengthAt(value, axis, rank));
    return { parts, length: all.find((length) => length !== 1) ?? 1 };
  });
  return { values, shape, axes };
}

function rankOf(value: Value): number {
  return lengthsOf(value).length;
}

function lengthAt(value: Value, axis: number, rank: number) {
  const lengths = lengthsOf(value);
  return lengths[axis - (rank - lengths.length)] ?? 1;
}

function widened(flow: Flow, rank: number): Flow {
  const missing = Array.from({ length: rank - flow.axes.length }, () => notional);
  return flowOf(flow.values, [...missing, ...flow.axes]);
}

/** Axes that are merged of other parts in one flow than in another become one axis of our values. */
function withEqualParts(emitter: Emitter, operands: readonly Value[], rank: number, node: OnnxNode): Value[] {
  let all = [...operands];
  for (let axis = 0; axis < rank; axis++) {
    const own = all.filter(
      (value) => value.kind === 'flow' && value.axes[axis].parts.length > 0 && value.axes[axis].length !== 1,
    ) as Flow[];
    const texts = own.map((flow) => JSON.stringify(partLengths(emitter, flow, axis)));
    const mixed =
      new Set(texts).size > 1 ||
      (own.length > 0 && all.some((value) => value.kind !== 'flow' && lengthAt(value, axis, rank) !== 1));
    if (!mixed) continue;
    all = all.map((value) =>
      value.kind === 'flow' && value.axes[axis].parts.length > 1
        ? withLast(emitter, value, [axis], node)
        : value,
    );
  }
  return all;
}

/** Lengths of an axis' parts; the batch is told from others. */
function partLengths(emitter: Emitter, flow: Flow, axis: number) {
  const shape = emitter.shape(flow.values[0]);
  return flow.axes[axis].parts
    .filter((part) => part === 0 || shape[part].length !== 1)
    .map((part) => (part === 0 ? 'batch' : shape[part].length));
}

/** Whether the flows that are longer than 1 along an axis are merged of the same parts there. */
export function haveEqualParts(emitter: Emitter, flows: readonly Flow[]): boolean {
  return flows[0].axes.every((_, axis) => {
    const own = flows.filter(({ axes }) => axes[axis].parts.length > 0 && axes[axis].length !== 1);
    return new Set(own.map((flow) => JSON.stringify(partLengths(emitter, flow, axis)))).size <= 1;
  });
}

/** The parts of an axis that are longer than 1, or the batch. */
export function partsAt(emitter: Emitter, flow: Flow, axis: number): number[] {
  const shape = emitter.shape(flow.values[0]);
  return flow.axes[axis].parts.filter((part) => part === 0 || shape[part].length !== 1);
}

/** The factors of all axes, by the flow that has most of each. Throws where the samples of one would meet another axis. */
export function factorsOf(emitter: Emitter, flows: readonly Flow[], rank: number, node: OnnxNode): Factor[] {
  const batches = new Set<number>();
  const factors = Array.from({ length: rank }, (_, axis) => {
    const parts = flows.map((flow) => partsAt(emitter, flow, axis));
    const most = parts.reduce((a, b) => (b.length > a.length ? b : a), []);
    for (const one of parts) if (one.includes(0)) batches.add(axis);
    return most.map((_part, index): Factor => ({ axis, index }));
  });
  if (batches.size > 1) throw refused(node, { code: 'reasonMixesSamples', args: {} });
  return factors.flat();
}

/** Whether a factor is the batch in one of the flows. */
export function isBatch(flows: readonly Flow[], axis: number, index: number): boolean {
  return flows.some((flow) => flow.axes[axis].parts.filter((part) => part >= 0)[index] === 0);
}

/** The factors in the order of the flow that has most of them; those that it lacks stand where ONNX has them. */
function ordered(flows: readonly Flow[], factors: readonly Factor[]): Factor[] {
  const places = flows.map((flow) => factors.map(({ axis, index }) => flow.axes[axis].parts[index]));
  const count = (all: (number | undefined)[]) => all.filter((part) => part !== undefined).length;
  const lead = places.reduce((a, b) => (count(b) > count(a) ? b : a));
  const present = factors.filter((_, i) => lead[i] !== undefined);
  const sorted = present.toSorted(
    (a, b) => (lead[factors.indexOf(a)] as number) - (lead[factors.indexOf(b)] as number),
  );
  for (const [i, factor] of factors.entries()) {
    if (lead[i] !== undefined) continue;
    const before = factors.slice(0, i).findLast((one) => sorted.includes(one));
    sorted.splice(before ? sorted.indexOf(before) + 1 : 0, 0, factor);
  }
  return sorted;
}

/** A flow's value with an axis for each factor; those of length 1 that lead may be missing, as merges put them in. */
function arranged(emitter: Emitter, flow: Flow, order: readonly Factor[], node: OnnxNode): ValueName {
  const groups = order.map(({ axis, index }) => {
    const part = partsAt(emitter, flow, axis)[index];
    return part === undefined ? [] : [part];
  });
  const first = groups.findIndex((group) => group.length > 0);
  return regroup(emitter, flow, first === -1 ? [] : groups.slice(first), node).values[0];
}

/** What is known, as a value of our graph that is the same for every sample. */
async function constant(
  lowering: Lowering,
  value: Exclude<Value, Flow>,
  rank: number,
  factors: readonly Factor[],
  order: readonly Factor[],
  flows: readonly Flow[],
  node: OnnxNode,
): Promise<ValueName> {
  const { emitter } = lowering;
  for (const { axis, index } of factors) {
    const along = factors.filter((factor) => factor.axis === axis);
    const length = lengthAt(value, axis, rank);
    if (length === 1) continue;
    if (isBatch(flows, axis, index) || along.length > 1)
      throw refused(node, { code: 'reasonMixesSamples', args: {} });
  }
  const own = order.map(({ axis }) => lengthAt(value, axis, rank));
  const lengths = own.filter((length) => typeof length === 'number');
  if (lengths.length < own.length) throw refused(node, { code: 'reasonAxesFree', args: {} });
  const covered = sizeOf(lengths);
  const total = lengthsOf(value).reduce<number>(
    (size, n) => size * (typeof n === 'number' ? n : Number.NaN),
    1,
  );
  if (value.kind !== 'uniform' && covered !== total)
    throw refused(node, { code: 'reasonInputConstant', args: { input: 1 } });
  const shape = [1, ...lengths];
  const places = [everySample, ...lengths.map((length) => ({ length }))];
  const axesInOrder = order.map(({ axis }) => axis - (rank - rankOf(value)));
  if (value.kind === 'weight') {
    const strides = axesInOrder.map((axis) => value.strides[axis] ?? 0);
    return weightNode(lowering, value, lengths, strides, node);
  }
  const known = await lowering.known(
    value.kind === 'uniform' ? { ...value, shape: value.shape.map(() => 1) } : value,
  );
  if (!known?.values.every((one) => typeof one === 'number'))
    throw refused(node, { code: 'reasonAxesFree', args: {} });
  const data = Float32Array.from(permuted(known.shape, known.values as number[], axesInOrder));
  return emitter.add(
    {
      op: 'Constant',
      value: { shape: value.kind === 'uniform' ? shape.map(() => 1) : shape, data },
      inputs: [],
    },
    value.kind === 'uniform' ? places.map((place) => ({ ...place, length: 1 })) : places,
    nameOf(node),
    `${nameOf(node)} constant`,
  );
}

/** Row-major values with their axes in another order; axes of length 1 that are not named are left out. */
function permuted(shape: readonly number[], values: readonly number[], axes: readonly number[]): number[] {
  const strides = rowMajor(shape);
  const places = placesOf(
    axes.map((axis) => shape[axis] ?? 1),
    axes.map((axis) => strides[axis] ?? 0),
  );
  return places.map((place) => values[place]);
}
