import * as tf from '@tensorflow/tfjs-core';
import { type NodeOf, stateless } from '../operators.ts';

/** x with one axis repeated. */
export function expandOperator(node: NodeOf<'Expand'>) {
  const { axis, count = 1, likeAxis } = node;
  return stateless(node, (x, like) => {
    const length = likeAxis === undefined ? count : like.shape[likeAxis];
    return tf.tile(
      x,
      x.shape.map((_, i) => (i === axis ? length : 1)),
    );
  });
}
