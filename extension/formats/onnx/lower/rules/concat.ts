import { intOf } from '../../attributes.ts';
import type { OnnxNode } from '../../proto.ts';
import { nameOf } from '../../recurrent/found.ts';
import { perSample, repeated, unstacked, withLast } from '../arrange.ts';
import { plus, textOf } from '../lengths.ts';
import type { Lowering } from '../lowering.ts';
import { refused } from '../refuse.ts';
import type { Rule } from '../rule.ts';
import {
  everySample,
  type Flow,
  type FlowAxis,
  flowOf,
  lengthsOf,
  type Numbers,
  notional,
  numbers,
  stack,
  type Value,
} from '../values.ts';
import { weightFlow } from '../weightFlow.ts';
import { frontAxis, longerFlow } from './layout.ts';
import { pairedPlaces } from './samplePlaces.ts';

/** Known numbers that are put together: shapes, places, initial states. */
const mostNumbers = 1 << 17;

/** Concat: of numbers, of states of several layers, or of features. */
export const concatRule: Rule = async (lowering, node) => {
  const operands = node.inputs.map((_, input) => lowering.needed(node, input));
  const [first] = operands;
  const rank = (first.kind === 'flow' ? first.axes : first.shape).length;
  const axis = frontAxis(node, intOf(node, 'axis', 1), rank);
  if (operands.some((value) => lengthsOf(value).length !== rank))
    throw refused(node, { code: 'reasonMatrices', args: {} });
  if (operands.length === 1) {
    lowering.set(node.outputs[0], first);
    return;
  }
  const flows = operands.filter((value) => value.kind === 'flow');
  if (flows.length === 0) {
    lowering.set(node.outputs[0], await known(lowering, operands, axis, node));
    return;
  }
  const pairs = pairedPlaces(operands, axis);
  if (pairs) {
    lowering.set(node.outputs[0], pairs);
    return;
  }
  const all: Flow[] = [];
  for (const value of operands) all.push(await asFlow(lowering, value, batchOf(flows), node));
  lowering.set(node.outputs[0], stacked(lowering, all, axis) ?? joined(lowering, all, axis, node));
};

/** What is the same for every sample stands beside what is computed, such as the zeros that a decoder begins with. */
async function asFlow(lowering: Lowering, value: Value, batch: number, node: OnnxNode): Promise<Flow> {
  if (value.kind === 'flow') return value;
  if (value.kind === 'weight') {
    // Written out for so many samples.
    const isZero = batch !== -1 && value.shape[batch] !== 1 && (await lowering.allZero(value));
    if (!isZero) return weightFlow(lowering, value, node);
    return asFlow(lowering, { kind: 'uniform', shape: value.shape, value: 0 }, batch, node);
  }
  if (value.kind !== 'uniform') throw refused(node, { code: 'reasonInputConstant', args: { input: 0 } });
  const one = { shape: [1], data: Float32Array.of(value.value) };
  const hint = `${nameOf(node)} constant`;
  const name = lowering.emitter.add(
    { op: 'Constant', value: one, inputs: [] },
    [everySample],
    nameOf(node),
    hint,
  );
  return longerFlow(
    flowOf(
      [name],
      value.shape.map(() => notional),
    ),
    { values: value.shape },
    node,
  );
}

async function known(
  lowering: Lowering,
  operands: readonly Value[],
  axis: number,
  node: OnnxNode,
): Promise<Value> {
  if (
    operands.every((value) => value.kind === 'uniform') &&
    new Set(operands.map(({ value }) => value)).size === 1
  ) {
    const length = operands.map(({ shape }) => shape[axis]).reduce(plus);
    return { ...operands[0], shape: operands[0].shape.with(axis, length) };
  }
  const all: Numbers[] = [];
  for (const value of operands) {
    const one = await lowering.known(value);
    if (!one) throw refused(node, { code: 'reasonInputConstant', args: { input: 0 } });
    all.push(one);
  }
  if (all.reduce((sum, { values }) => sum + values.length, 0) > mostNumbers)
    throw refused(node, { code: 'reasonMatrices', args: {} });
  const [first] = all;
  const outer = first.shape.slice(0, axis).reduce((a, b) => a * b, 1);
  const rows = Array.from({ length: outer }, (_, row) =>
    all.flatMap(({ values, sources }) => {
      const width = values.length / outer;
      return values
        .slice(row * width, (row + 1) * width)
        .map((value, i) => ({ value, source: sources?.[row * width + i] }));
    }),
  ).flat();
  const length = all.reduce((sum, { shape }) => sum + shape[axis], 0);
  return numbers(
    first.shape.with(axis, length),
    rows.map(({ value }) => value),
    all.every(({ integer }) => integer),
    rows.map(({ source }) => source),
  );
}

/** Values of one shape along an axis that none of them has: they stay several. */
function stacked({ emitter }: Lowering, flows: readonly Flow[], axis: number): Flow | undefined {
  const along = flows.map((flow) => flow.axes[axis].parts);
  const single = (parts: readonly number[], i: number) =>
    (parts.length === 0 && flows[i].axes[axis].length === 1) || (parts.length === 1 && parts[0] === stack);
  const layout = ({ values, axes }: Flow) =>
    JSON.stringify([
      emitter.shape(values[0]).map(({ length }) => textOf(length)),
      axes.toSpliced(axis, 1).map(({ parts }) => parts),
    ]);
  if (!along.every(single) || flows.some((flow) => layout(flow) !== layout(flows[0]))) return undefined;
  if (flows.some(({ axes }) => axes.some(({ parts }, i) => i !== axis && parts.includes(stack))))
    return undefined;
  const values = flows.flatMap((flow) => flow.values);
  return flowOf(values, flows[0].axes.with(axis, { parts: [stack], length: values.length }));
}

/** The axis along which the samples of any of the flows stand; −1 where there is none. */
function batchOf(flows: readonly Flow[]): number {
  return flows[0].axes.findIndex((_, i) => flows.some(({ axes }) => axes[i].parts.includes(0)));
}

/** Along an axis of our values; the other axes are brought to one order. */
function joined(lowering: Lowering, flows: readonly Flow[], axis: number, node: OnnxNode): Flow {
  const { emitter } = lowering;
  const samples = flows.flatMap(({ axes }) => axes.find(({ parts }) => parts.includes(0)) ?? [])[0];
  const batch = batchOf(flows);
  const wholes = flows.map((flow) => {
    const single = unstacked(emitter, flow, node);
    const isRepeated = ({ parts, length }: FlowAxis, i: number) =>
      parts.length === 0 && length !== 1 && i !== batch;
    const repeating = single.axes.flatMap((one, i) => (isRepeated(one, i) ? [i] : []));
    return repeated(emitter, single, repeating, node);
  });
  const order = commonOrder(wholes, axis);
  const like = wholes.find(({ values }) => !emitter.shape(values[0])[0].everySample)?.values[0];
  const arranged = wholes.map((flow) => {
    const { values, axes } = withLast(emitter, flow, order, node);
    return flowOf(like === undefined ? values : [perSample(emitter, node, values[0], like)], axes);
  });
  const shapes = arranged.map(({ values }) => emitter.shape(values[0]));
  const place = shapes[0].length - 1;
  const length = shapes.map((shape) => shape[place].length).reduce(plus);
  const name = emitter.add(
    { op: 'Concat', axis: place, inputs: arranged.map(({ values }) => values[0]) },
    shapes[0].with(place, { length }),
    nameOf(node),
    node.outputs[0],
  );
  return flowOf(
    [name],
    arranged[0].axes.map((one, i): FlowAxis => {
      if (i === axis) return { parts: [place], length };
      return i === batch ? samples : one;
    }),
  );
}

/** The ONNX axes behind the batch that any of the flows has, the one that they are joined along as the last. */
function commonOrder(flows: readonly Flow[], axis: number): number[] {
  const [first] = flows;
  const others = first.axes.flatMap((_, i) => {
    const own = flows.map((flow) => flow.axes[i]);
    const isBatch = own.some(({ parts }) => parts.includes(0));
    return i === axis || isBatch || own.every(({ parts }) => parts.length === 0) ? [] : [i];
  });
  const part = (i: number) => first.axes[i].parts[0] ?? 0;
  return [...others.toSorted((a, b) => part(a) - part(b)), axis];
}
