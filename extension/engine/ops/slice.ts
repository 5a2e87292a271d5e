import * as tf from '@tensorflow/tfjs-core';
import { checkEnough, slicedPlaces } from '../../ops/slice.ts';
import type { Operator } from '../engine.ts';
import { type NodeOf, stateless } from '../operators.ts';

/** Some places of one axis. Steps above 1 go by a list of places, as TensorFlow.js' strided slice has no gradient. */
export function sliceOperator(node: NodeOf<'Slice'>): Operator {
  const { axis, likeAxis } = node;
  return stateless(node, (x, like) => {
    if (likeAxis !== undefined) {
      const count = like.shape[likeAxis];
      checkEnough(node, x.shape, count);
      return cut(x, axis, 0, count);
    }
    const { first, count, step } = slicedPlaces(node, x.shape[axis]);
    if (step !== 1)
      return tf.gather(
        x,
        tf.tensor1d(
          Int32Array.from({ length: count }, (_, i) => first + i * step),
          'int32',
        ),
        axis,
      );
    return cut(x, axis, first, count);
  });
}

/** What is at one place. */
export function selectOperator(node: NodeOf<'Select'>): Operator {
  const { axis, index } = node;
  return stateless(node, (x) => {
    const one = cut(x, axis, index < 0 ? index + x.shape[axis] : index, 1);
    return tf.squeeze(one, [axis]);
  });
}

function cut(x: tf.Tensor, axis: number, first: number, count: number): tf.Tensor {
  const begin = x.shape.map((_, i) => (i === axis ? first : 0));
  const size = x.shape.map((n, i) => (i === axis ? count : n));
  return tf.slice(x, begin, size);
}
