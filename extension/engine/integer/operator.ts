import * as tf from '@tensorflow/tfjs-core';
import type { Activation, GraphNode } from '../../model/graph.ts';
import type { Grid, Integers } from '../../model/integers.ts';
import type { Operator } from '../engine.ts';
import { integerConvolution } from './convolution.ts';
import {
  integerDifference,
  integerInverseRoot,
  integerMean,
  integerMerge,
  integerPrelu,
  squaredDifference,
} from './elementwise.ts';
import { clamped, multiplied, multiplierOf } from './fixedPoint.ts';
import { integersOf, nearest, valuesOf } from './grid.ts';
import { hybridProduct } from './hybrid.ts';
import { integerPool } from './pool.ts';
import { logitOfIntegers, logSoftmaxOfIntegers } from './probabilities.ts';
import { integerProduct } from './product.ts';
import { hybridRecurrent, integerRecurrent } from './recurrent.ts';
import type { Values } from './values.ts';
import { integerMatrix, scaleOf } from './weights.ts';

/**
 * A node that the file has computed in whole numbers (`Integers`): so, but while gradients are taken in floats, as if nothing were rounded.
 * @param inFloats how `ops/` computes it
 */
export function integerOperator(node: GraphNode, integers: Integers, inFloats: Operator): Operator {
  return {
    weights: inFloats.weights,
    forward: (value, variables, run) => {
      if (run.training) return inFloats.forward(value, variables, run);
      if (integers.kind === 'rounded')
        return inFloats
          .forward(value, variables, run)
          .map(
            (result) =>
              result && tensorOf({ data: rounded(dataOf(result), integers.to), shape: result.shape }),
          );
      if (integers.kind === 'mean') {
        const [mean] = inFloats.forward(value, variables, run);
        const count = mean ? value(node.inputs[0]).size / mean.size : 1;
        return [mean && tensorOf({ data: integerMean(dataOf(mean), count, integers), shape: mean.shape })];
      }
      const x = value(node.inputs[0]);
      if (integers.kind === 'merge' || integers.kind === 'difference') {
        if (node.op !== 'Add' && node.op !== 'Sub' && node.op !== 'Mul') return wrong(node);
        const [one, other] = [x, value(node.inputs[1])].map((side) => ({
          data: dataOf(side),
          shape: side.shape,
        }));
        return [
          tensorOf(
            integers.kind === 'merge'
              ? integerMerge(node.op, [one, other], integers)
              : integerDifference([one, other], integers),
          ),
        ];
      }
      const weights = variables.map((variable) => variable.read());
      return computed(node, integers, { data: dataOf(x), shape: x.shape }, weights).map(tensorOf);
    },
  };
}

function computed(
  node: GraphNode,
  integers: Exclude<Integers, { kind: 'rounded' | 'mean' | 'merge' | 'difference' }>,
  x: Values,
  weights: readonly Float32Array[],
): Values[] {
  const { data, shape } = x;
  switch (integers.kind) {
    case 'rescaled':
      return [{ shape, data: rescaled(data, integers.from, integers.to) }];
    case 'reread':
      return [{ shape, data: valuesOf(integersOf(data, integers.from), integers.to) }];
    case 'softmax':
      return [{ shape, data: logSoftmaxOfIntegers(data, shape.at(-1) ?? 1, integers) }];
    case 'sigmoid':
      return [{ shape, data: logitOfIntegers(data, integers) }];
    case 'exponential':
      return [{ shape, data: rounded(data.map(Math.exp), integers.to) }];
    case 'pooled':
      return node.op === 'AveragePool' ? [integerPool(node, x, integers.grid)] : wrong(node);
    case 'squared':
      return [{ shape, data: squaredDifference(data, integers) }];
    case 'inverseRoot':
      return [{ shape, data: integerInverseRoot(data, integers) }];
    case 'sloped':
      return node.op === 'PRelu'
        ? [{ shape, data: integerPrelu(x, { data: weights[0], shape: node.slope.shape }, integers) }]
        : wrong(node);
    case 'leaky':
      return node.op === 'Activation'
        ? [{ shape, data: leaky(data, node.activation, integers) }]
        : wrong(node);
    case 'product':
    case 'hybrid':
      if (node.op === 'Conv') return [integerConvolution(node, integers, x, weights)];
      if (node.op === 'LSTM' || node.op === 'RNN')
        return integers.kind === 'hybrid'
          ? hybridRecurrent(node, integers.asymmetric, x, weights)
          : wrong(node);
      return node.op === 'MatMul' ? [product(node, integers, x, weights)] : wrong(node);
    case 'cell':
      return node.op === 'LSTM' ? integerRecurrent(node, integers, x, weights) : wrong(node);
  }
}

function product(
  { weight, bias }: Extract<GraphNode, { op: 'MatMul' }>,
  integers: Extract<Integers, { kind: 'product' | 'hybrid' }>,
  { data, shape }: Values,
  [kernel, added]: readonly Float32Array[],
): Values {
  const [rows, columns] = weight.shape;
  const matrix = integerMatrix(kernel, [rows, columns], weight);
  const result = [...shape.slice(0, -1), rows];
  if (integers.kind === 'product') {
    const { scale } = integers.from;
    const whole =
      bias && Int32Array.from(added, (value, row) => Math.round(value / (scale * scaleOf(matrix, row))));
    return { shape: result, data: integerProduct(data, matrix, whole, integers) };
  }
  const add = hybridProduct(matrix, integers.asymmetric);
  const outputs = new Float32Array((data.length / columns) * rows);
  for (let n = 0; n < data.length / columns; n++) {
    const sums = outputs.subarray(n * rows, (n + 1) * rows);
    if (bias) sums.set(added);
    add(data.subarray(n * columns, (n + 1) * columns), sums);
  }
  return { shape: result, data: outputs };
}

function rounded(values: Float32Array, to: Grid): Float32Array {
  return valuesOf(
    values.map((value) => nearest(value, to)),
    to,
  );
}

function rescaled(values: Float32Array, from: Grid, to: Grid): Float32Array {
  const multiplier = multiplierOf(from.scale / to.scale);
  const integers = integersOf(values, from).map((q) =>
    clamped(multiplied(q - from.zeroPoint, multiplier) + to.zeroPoint, to.least, to.greatest),
  );
  return valuesOf(integers, to);
}

function leaky(
  values: Float32Array,
  { alpha = 0.01 }: Activation,
  { from, to }: Extract<Integers, { kind: 'leaky' }>,
): Float32Array {
  const [same, sloped] = [1, alpha].map((factor) =>
    multiplierOf(Math.fround(from.scale * factor) / to.scale),
  );
  const integers = integersOf(values, from).map((q) => {
    const x = q - from.zeroPoint;
    return clamped(multiplied(x, x >= 0 ? same : sloped) + to.zeroPoint, to.least, to.greatest);
  });
  return valuesOf(integers, to);
}

function dataOf(tensor: tf.Tensor): Float32Array {
  return tensor.dataSync() as Float32Array;
}

function tensorOf({ data, shape }: Values): tf.Tensor {
  return tf.tensor(data, [...shape], 'float32');
}

function wrong({ op }: GraphNode): never {
  throw new Error(`${op} is not computed in integers`);
}
