import * as tf from '@tensorflow/tfjs-core';
import { mergedAxes } from '../../ops/merge.ts';
import type { Operator } from '../engine.ts';
import { type NodeOf, stateless } from '../operators.ts';

/** a [B,…,n,k] · b [B,…,k,m]; outer axes of length 1 are repeated. As batches of matrices [rows,n,k], which every backend multiplies. */
export function productOperator(node: NodeOf<'Product'>): Operator {
  return stateless(node, (a, b) => {
    const rank = Math.max(a.rank, b.rank);
    const outers = [a, b].map(({ shape }) => mergedAxes(shape.slice(0, -2), rank - 2));
    const outer = tf.broadcast_util.assertAndGetBroadcastShape(outers[0], outers[1]);
    const [left, right] = [a, b].map((x, i) => stacked(x, outers[i], outer));
    return tf.reshape(tf.matMul(left, right), [...outer, left.shape[1], right.shape[2]]);
  });
}

/** Matrices [rows,…,…], repeated along the outer axes where they are fewer. */
function stacked(x: tf.Tensor, own: number[], outer: number[]): tf.Tensor3D {
  const matrix = x.shape.slice(-2);
  const aligned = tf.reshape(x, [...own, ...matrix]);
  const whole = own.every((n, i) => n === outer[i])
    ? aligned
    : tf.broadcastTo(aligned, [...outer, ...matrix]);
  return tf.reshape(whole, [tf.util.sizeFromShape(outer), matrix[0], matrix[1]]);
}
