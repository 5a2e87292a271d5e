import { intOf } from '../../attributes.ts';
import type { OnnxNode } from '../../proto.ts';
import { nameOf } from '../../recurrent/found.ts';
import { unstacked } from '../arrange.ts';
import { product, sameLength } from '../lengths.ts';
import { firstPlaces } from '../likeSteps.ts';
import type { Lowering } from '../lowering.ts';
import { placeOfEach } from '../placeOfEach.ts';
import { refused } from '../refuse.ts';
import type { Rule } from '../rule.ts';
import {
  type Counting,
  type Flow,
  type FlowAxis,
  flowOf,
  lengthsOf,
  notional,
  type SamplePlaces,
  type Value,
  type WeightValue,
  wholeParameter,
} from '../values.ts';
import { cut } from './cut.ts';
import { frontAxis } from './layout.ts';
import { inOrder } from './sampleOrder.ts';

/** Gather: rows of an embedding by ids, one place of an axis, or some of it that follow each other. */
export const gatherRule: Rule = async (lowering, node) => {
  const [data, indices] = [lowering.needed(node, 0), lowering.needed(node, 1)];
  if (data.kind === 'weight' && indices.kind === 'flow') {
    lowering.set(node.outputs[0], embedding(lowering, data, indices, node));
    return;
  }
  if (data.kind === 'weight' && indices.kind === 'counting') {
    lowering.set(node.outputs[0], await counted(lowering, data, indices, node));
    return;
  }
  if (data.kind === 'flow' && indices.kind === 'sampleOrder') {
    inOrder(lowering, data, indices, node);
    return;
  }
  if (data.kind === 'flow' && indices.kind === 'samplePlaces') {
    lowering.set(node.outputs[0], ofFlatRows(lowering, data, indices, node));
    return;
  }
  const known = await lowering.known(indices);
  if (!known) throw refused(node, { code: 'reasonInputComputed', args: { input: 1 } });
  const places = known.values.filter((value) => typeof value === 'number');
  if (places.length < known.values.length)
    throw refused(node, { code: 'reasonInputComputed', args: { input: 1 } });
  lowering.set(node.outputs[0], gathered(lowering, data, places, known.shape, node));
};

function embedding(lowering: Lowering, data: Value & { kind: 'weight' }, ids: Flow, node: OnnxNode): Flow {
  const table = wholeParameter(data);
  if (!table || data.shape.length !== 2 || intOf(node, 'axis', 0) !== 0)
    throw refused(node, { code: 'reasonInputConstant', args: { input: 0 } });
  const { emitter } = lowering;
  const flow = unstacked(emitter, ids, node);
  const shape = emitter.shape(flow.values[0]);
  const width = { length: table.shape[1] };
  const name = emitter.add(
    { op: 'Gather', table, inputs: flow.values },
    [...shape, width],
    nameOf(node),
    node.outputs[0],
  );
  return flowOf([name], [...flow.axes, { parts: [shape.length], length: width.length }]);
}

/** A row of each sample, of the rows of all samples behind each other. */
function ofFlatRows(lowering: Lowering, data: Flow, { places, by }: SamplePlaces, node: OnnxNode): Flow {
  const axis = frontAxis(node, intOf(node, 'axis', 0), data.axes.length);
  const { parts } = data.axes[axis];
  const shape = lowering.emitter.shape(data.values[0]);
  const rows = product(parts.slice(1).map((part) => shape[part].length));
  if (parts[0] !== 0 || axis !== 0 || by === undefined || !sameLength(rows, by))
    throw refused(node, { code: 'reasonMixesSamples', args: {} });
  const ofSamples: FlowAxis = { parts: [0], length: shape[0].length };
  const apart = flowOf(data.values, [
    ofSamples,
    { parts: parts.slice(1), length: rows },
    ...data.axes.slice(1),
  ]);
  const picked = placeOfEach(lowering, apart, 1, places, node);
  return flowOf(picked.values, picked.axes.toSpliced(1, 1));
}

/** GatherND: a step of each sample, as y[torch.arange(B), steps] is written. */
export const gatherNdRule: Rule = (lowering, node) => {
  const data = lowering.flow(node, 0);
  const indices = lowering.needed(node, 1);
  if (indices.kind !== 'samplePlaces' || indices.by !== undefined)
    throw refused(node, { code: 'reasonInputComputed', args: { input: 1 } });
  if (data.axes[0].parts.join() !== '0' || intOf(node, 'batch_dims', 0) !== 0)
    throw refused(node, { code: 'reasonMixesSamples', args: {} });
  const picked = placeOfEach(lowering, data, 1, indices.places, node);
  lowering.set(node.outputs[0], flowOf(picked.values, picked.axes.toSpliced(1, 1)));
};

/** GatherElements: one place of an axis for each sample, the same along all other axes, as torch.gather is asked for the last step. */
export const gatherElementsRule: Rule = (lowering, node) => {
  const [data, indices] = [lowering.flow(node, 0), lowering.flow(node, 1)];
  const axis = frontAxis(node, intOf(node, 'axis', 0), data.axes.length);
  const isOfEach = indices.axes.every(({ parts }) => parts.length === 0 || parts.join() === '0');
  const isWhole = ({ parts, length }: FlowAxis, i: number) =>
    i === axis || parts.join() === indices.axes[i].parts.join() || sameLength(length, indices.axes[i].length);
  const whole = indices.axes.length === data.axes.length && data.axes.every(isWhole);
  if (!isOfEach || !whole || indices.axes[axis].length !== 1)
    throw refused(node, { code: 'reasonInputComputed', args: { input: 1 } });
  const picked = placeOfEach(lowering, data, axis, indices, node);
  // As many places are asked for as there are along the other axes.
  for (const [i, { parts }] of picked.axes.entries())
    if (parts.length === 1 && parts[0] > 0)
      lowering.state(indices.axes[i].source, picked.values[0], parts[0]);
  lowering.set(node.outputs[0], picked);
};

/** Rows by their numbers from 0 on: the first ones. */
async function counted(
  lowering: Lowering,
  data: WeightValue,
  { shape, axis: counting, by }: Counting,
  node: OnnxNode,
): Promise<Flow> {
  const axis = frontAxis(node, intOf(node, 'axis', 0), data.shape.length);
  if (by !== 1) throw refused(node, { code: 'reasonInputComputed', args: { input: 1 } });
  const { values, axes } = await firstPlaces(lowering, data, axis, shape[counting], node);
  const along = shape.map((length, i): FlowAxis => {
    if (i === counting) return axes[axis];
    return length === 1 ? notional : { parts: [], length, repeatedBy: node };
  });
  return flowOf(values, axes.toSpliced(axis, 1, ...along));
}

function gathered(
  lowering: Lowering,
  data: Value,
  places: readonly number[],
  shape: readonly number[],
  node: OnnxNode,
): Value {
  const rank = (data.kind === 'flow' ? data.axes : data.shape).length;
  const axis = frontAxis(node, intOf(node, 'axis', 0), rank);
  const [first] = places;
  const length = lengthsOf(data)[axis];
  const outside = (place: number) => typeof length === 'number' && !(place >= -length && place < length);
  if (places.some(outside)) throw refused(node, { code: 'reasonNoAxis', args: { axis } });
  if (shape.length === 0) return selected(lowering, data, axis, first, node);
  const follow = places.every((place, i) => place === first + i);
  if (shape.length !== 1 || !follow || places.length === 0)
    throw refused(node, { code: 'reasonInputComputed', args: { input: 1 } });
  const end = first < 0 && first + places.length === 0 ? undefined : first + places.length;
  return cut(lowering, data, { axis, start: first, end }, node);
}

/** What is at one place of an axis. */
function selected(lowering: Lowering, data: Value, axis: number, index: number, node: OnnxNode): Value {
  const piece = cut(
    lowering,
    data,
    { axis, start: index, end: index === -1 ? undefined : index + 1 },
    node,
    'select',
  );
  if (piece.kind === 'flow') return flowOf(piece.values, piece.axes.toSpliced(axis, 1));
  const shape = piece.shape.toSpliced(axis, 1) as number[];
  return piece.kind === 'weight'
    ? { ...piece, shape, strides: piece.strides.toSpliced(axis, 1) }
    : { ...piece, shape };
}
