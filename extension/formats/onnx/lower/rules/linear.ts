import { floatOf, intOf } from '../../attributes.ts';
import type { OnnxNode } from '../../proto.ts';
import { nameOf } from '../../recurrent/found.ts';
import { factorsOf, haveEqualParts, isBatch, partsAt } from '../aligned.ts';
import { lastAxis, regroup, withLast } from '../arrange.ts';
import type { Lowering } from '../lowering.ts';
import { refused } from '../refuse.ts';
import type { Rule } from '../rule.ts';
import {
  type Flow,
  type FlowAxis,
  flowOf,
  notional,
  type Value,
  type WeightValue,
  wholeParameter,
} from '../values.ts';
import { weightFlow } from '../weightFlow.ts';
import { merged } from './merge.ts';
import { applied } from './unary.ts';

/** MatMul: of a value with weights, or of two values. */
export const matMulRule: Rule = async (lowering, node) => {
  const [a, b] = [lowering.needed(node, 0), lowering.needed(node, 1)];
  lowering.set(node.outputs[0], await product(lowering, a, b, node));
};

/** Gemm: alpha · A · B + beta · C. */
export const gemmRule: Rule = async (lowering, node) => {
  const [a, b] = [lowering.needed(node, 0), lowering.needed(node, 1)];
  const turned = (value: Value, name: string) =>
    intOf(node, name, 0) === 0 ? value : transposed(value, node);
  let result = await product(lowering, turned(a, 'transA'), turned(b, 'transB'), node);
  const alpha = floatOf(node, 'alpha', 1);
  if (alpha !== 1) result = scaled(lowering, result, alpha, node);
  if (!lowering.has(node, 2)) {
    lowering.set(node.outputs[0], result);
    return;
  }
  const beta = floatOf(node, 'beta', 1);
  let added = lowering.needed(node, 2);
  if (beta !== 1) {
    if (added.kind === 'weight') added = await weightFlow(lowering, added, node);
    if (added.kind !== 'flow') throw refused(node, { code: 'reasonAttribute', args: { name: 'beta' } });
    added = scaled(lowering, added, beta, node);
  }
  lowering.set(node.outputs[0], await merged(lowering, 'Add', [result, added], fused(node)));
};

/** The sum that a Gemm ends in: it alone reads the product, which has no name in the file. */
function fused(node: OnnxNode): OnnxNode {
  return { ...node, inputs: [] };
}

function scaled(lowering: Lowering, flow: Value, factor: number, node: OnnxNode): Value {
  if (flow.kind !== 'flow') throw refused(node, { code: 'reasonInputConstant', args: { input: 0 } });
  return applied(lowering, flow, (input) => ({ op: 'Scale', factor, inputs: [input] }), node);
}

function transposed(value: Value, node: OnnxNode): Value {
  if (value.kind === 'flow') return flowOf(value.values, value.axes.toReversed());
  if (value.kind === 'weight')
    return { ...value, shape: value.shape.toReversed(), strides: value.strides.toReversed() };
  throw refused(node, { code: 'reasonInputConstant', args: { input: 0 } });
}

/** What MatMul makes of two values. */
export async function product(lowering: Lowering, a: Value, b: Value, node: OnnxNode): Promise<Value> {
  if (a.kind === 'flow' && b.kind === 'weight' && b.shape.length === 2) {
    const matrix = wholeMatrix(b);
    if (matrix) return dense(lowering, a, matrix, node);
  }
  if (a.kind === 'flow' && b.kind === 'weight' && b.shape.length === 1) {
    const column = { ...b, shape: [...b.shape, 1], strides: [...b.strides, 1] };
    const ofColumn = await product(lowering, a, column, node);
    return ofColumn.kind === 'flow' ? flowOf(ofColumn.values, ofColumn.axes.slice(0, -1)) : ofColumn;
  }
  if (a.kind !== 'flow' && b.kind !== 'flow')
    throw refused(node, { code: 'reasonInputConstant', args: { input: 0 } });
  const [left, right] = [await asMatrices(lowering, a, node), await asMatrices(lowering, b, node)];
  if (b.kind !== 'weight' || b.shape.length !== 2 || !left.axes.at(-2)?.parts.includes(0))
    return batched(lowering, left, right, node);
  // A row of each sample times the same matrix is a matrix of one row in each of our samples.
  const rows = await batched(
    lowering,
    flowOf(left.values, left.axes.toSpliced(-1, 0, notional)),
    right,
    node,
  );
  return flowOf(rows.values, rows.axes.toSpliced(-2, 1));
}

/** A parameter that is the matrix [in, out], or its transpose. */
function wholeMatrix(value: WeightValue) {
  const weight = wholeParameter(value);
  if (weight) return { weight, transposed: false };
  const turned = { ...value, shape: value.shape.toReversed(), strides: value.strides.toReversed() };
  const other = wholeParameter(turned);
  return other && { weight: other, transposed: true };
}

function dense(
  lowering: Lowering,
  x: Flow,
  {
    weight,
    transposed: turned,
  }: { weight: NonNullable<ReturnType<typeof wholeParameter>>; transposed: boolean },
  node: OnnxNode,
): Flow {
  const { emitter } = lowering;
  const flow = lastAxis(emitter, x, node);
  const [input] = flow.values;
  const length = weight.shape[turned ? 0 : 1];
  const shape = [...emitter.shape(input).slice(0, -1), { length }];
  const name = emitter.add(
    { op: 'MatMul', weight, ...(turned && { transposed: true }), inputs: [input] },
    shape,
    nameOf(node),
    node.outputs[0],
  );
  return flowOf([name], [...flow.axes.slice(0, -1), { parts: [shape.length - 1], length }]);
}

/** An operand as a flow; weights are the same for every sample. */
async function asMatrices(lowering: Lowering, value: Value, node: OnnxNode): Promise<Flow> {
  if (value.kind === 'flow') return value;
  if (value.kind !== 'weight' || value.shape.length < 2)
    throw refused(node, { code: 'reasonInputConstant', args: { input: 1 } });
  return weightFlow(lowering, value, node);
}

/** Matrices of two values: the axes before the last two meet as in a merge. */
async function batched(lowering: Lowering, a: Flow, b: Flow, node: OnnxNode): Promise<Flow> {
  const { emitter } = lowering;
  if (a.axes.length < 2 || b.axes.length < 2) throw refused(node, { code: 'reasonMatrices', args: {} });
  const matrices = [a, b].map((flow) => {
    const rank = flow.axes.length;
    return withLast(emitter, flow, [rank - 2, rank - 1], node);
  });
  // The matrices' own axes are hidden while the outer ones are aligned.
  const { values, shape, axes } = await alignedOuter(lowering, matrices, node);
  const [left, right] = matrices.map((flow) => flow.axes);
  const [n, m] = [left.at(-2) as FlowAxis, right.at(-1) as FlowAxis];
  const rank = shape.length;
  const name = emitter.add(
    { op: 'Product', inputs: values },
    [...shape, { length: n.length }, { length: m.length }],
    nameOf(node),
    node.outputs[0],
  );
  return flowOf(
    [name],
    [...axes, { parts: [rank], length: n.length }, { parts: [rank + 1], length: m.length }],
  );
}

async function alignedOuter(lowering: Lowering, matrices: readonly Flow[], node: OnnxNode) {
  const { emitter } = lowering;
  const rank = Math.max(...matrices.map(({ axes }) => axes.length)) - 2;
  const outer = matrices.map(({ values, axes }) => {
    const missing: FlowAxis[] = Array.from({ length: rank - (axes.length - 2) }, () => ({
      parts: [],
      length: 1,
    }));
    return flowOf(values, [...missing, ...axes.slice(0, -2)]);
  });
  const [first, second] = outer.map(({ axes }) => axes.map(({ parts }) => parts));
  const shapes = matrices.map(({ values }) => emitter.shape(values[0]).slice(0, -2));
  const simple = outer.every(({ axes }) => axes.every(({ parts }) => parts.length <= 1));
  const alike = simple && JSON.stringify(first) === JSON.stringify(second);
  const onlyBatch = shapes.every((places) => places.length === 1);
  if (!alike && !onlyBatch) return arrangedOuter(lowering, matrices, outer, node);
  const shape = shapes[0].length >= shapes[1].length ? shapes[0] : shapes[1];
  const axes = outer[0].axes.map((axis, i) =>
    axis.length === 1 && axis.parts.length === 0 ? outer[1].axes[i] : axis,
  );
  return { values: matrices.map(({ values }) => values[0]), shape, axes };
}

/**
 * Outer axes, part by part: such as are merged of the batch and others, as samples and heads are, stay merged of them in the outcome. Parts
 * that only one of both has stand where ONNX has them.
 */
async function arrangedOuter(
  lowering: Lowering,
  matrices: readonly Flow[],
  outer: readonly Flow[],
  node: OnnxNode,
) {
  const { emitter } = lowering;
  const axisCount = outer[0].axes.length;
  const factors = factorsOf(emitter, outer, axisCount, node);
  const keys = factors.filter(({ axis, index }) => !isBatch(outer, axis, index));
  if (!haveEqualParts(emitter, outer)) throw refused(node, { code: 'reasonMixesSamples', args: {} });
  const values = matrices.map((flow, i) => {
    const groups = keys.map(({ axis, index }) => partsAt(emitter, outer[i], axis).slice(index, index + 1));
    const last = emitter.shape(flow.values[0]).length;
    const matrix = [[last - 2], [last - 1]];
    return regroup(emitter, flow, [...groups, ...matrix], node).values[0];
  });
  const shapes = values.map((name) => emitter.shape(name).slice(0, -2));
  const shape = shapes[0].map((place, i) => (place.length === 1 ? shapes[1][i] : place));
  const axes = Array.from({ length: axisCount }, (_, axis): FlowAxis => {
    const length = outer.map(({ axes: own }) => own[axis].length).find((n) => n !== 1) ?? 1;
    const own = factors.filter((factor) => factor.axis === axis);
    return { parts: own.map((factor) => keys.indexOf(factor) + 1), length };
  });
  return { values, shape, axes };
}
