import * as tf from '@tensorflow/tfjs-core';
import type { Parameter } from '../../model/parameter.ts';
import type { Variable } from '../engine.ts';
import { plainWeight, type Weight } from '../weight.ts';

interface ScaleAndShift {
  readonly gamma?: Parameter;
  readonly beta?: Parameter;
}

/** x with mean 0 and variance 1 along axes. */
export function standardized(x: tf.Tensor, axes: number | number[], epsilon: number): tf.Tensor {
  const centred = tf.sub(x, tf.mean(x, axes, true));
  const variance = tf.mean(tf.square(centred), axes, true);
  return tf.mul(centred, tf.rsqrt(tf.add(variance, epsilon)));
}

/** What a normalised value is multiplied with and what is added, where the layer has it. */
export function scaleAndShiftWeights({ gamma, beta }: ScaleAndShift): Weight[] {
  return [gamma, beta].flatMap((parameter) => (parameter ? [plainWeight(parameter, 'bias')] : []));
}

/** gamma and beta among the variables of `scaleAndShiftWeights`. */
export function scaleAndShift(
  { gamma, beta }: ScaleAndShift,
  variables: readonly Variable[],
): [gamma: tf.Tensor | undefined, beta: tf.Tensor | undefined] {
  const tensors = variables.map(({ tensor }) => tensor);
  return [gamma && tensors.shift(), beta && tensors.shift()];
}

/** A vector as it stands along one axis of x. */
export function alongAxis(vector: tf.Tensor, x: tf.Tensor, axis: number): tf.Tensor {
  return tf.reshape(
    vector,
    x.shape.map((n, i) => (i === axis ? n : 1)),
  );
}
