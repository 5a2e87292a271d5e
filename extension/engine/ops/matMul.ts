import * as tf from '@tensorflow/tfjs-core';
import { type NodeOf, type Operator, plain } from '../operators.ts';

/** x [B,…,in] · W [in,out] + b [out]. */
export function matMulOperator(node: NodeOf<'MatMul'>): Operator {
  return {
    weights: async (read) => {
      const weight = await plain(read, node.weight);
      return node.bias ? [weight, await plain(read, node.bias)] : [weight];
    },
    forward: (value, [weight, bias]) => {
      const x = value(node.inputs[0]);
      const [inputs, outputs] = weight.shape;
      const rows = tf.reshape(x, [x.size / inputs, inputs]);
      const product = tf.matMul(rows, weight as tf.Tensor2D);
      return [tf.reshape(bias ? tf.add(product, bias) : product, [...x.shape.slice(0, -1), outputs])];
    },
  };
}
