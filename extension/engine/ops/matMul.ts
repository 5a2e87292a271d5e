import * as tf from '@tensorflow/tfjs-core';
import { matrixOf } from '../../ops/matMul.ts';
import type { Operator } from '../engine.ts';
import type { NodeOf } from '../operators.ts';
import { plainWeight, type Weight } from '../weight.ts';

/** x [B,…,in] · W [in,out] + b [out]; a transposed W stays so, as a table that is tied to it would be the same weight. */
export function matMulOperator(node: NodeOf<'MatMul'>): Operator {
  return {
    weights: matMulWeights(node),
    forward: (value, [{ tensor: weight }, bias]) => {
      const x = value(node.inputs[0]);
      const transposed = node.transposed === true;
      const [inputs, outputs] = transposed ? weight.shape.toReversed() : weight.shape;
      const rows = tf.reshape(x, [x.size / inputs, inputs]);
      const product = tf.matMul(rows, weight as tf.Tensor2D, false, transposed);
      const result = bias ? tf.add(product, bias.tensor) : product;
      return [tf.reshape(result, [...x.shape.slice(0, -1), outputs])];
    },
  };
}

/** The matrix [in, out], or as it is where it is kept transposed, and the bias [out]. */
export function matMulWeights(node: NodeOf<'MatMul'>): Weight[] {
  const { weight, bias } = node;
  const { rows, columns } = matrixOf(node);
  const kernel = plainWeight(weight, 'kernel');
  const matrix = node.transposed ? kernel : { ...kernel, shape: [columns, rows] };
  return bias ? [matrix, { ...plainWeight(bias, 'bias'), shape: [rows] }] : [matrix];
}
