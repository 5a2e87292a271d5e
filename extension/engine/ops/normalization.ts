import * as tf from '@tensorflow/tfjs-core';
import type { Parameter } from '../../model/parameter.ts';
import type { Variable } from '../engine.ts';
import { plainWeight, type Weight } from '../weight.ts';

interface ScaleAndShift {
  readonly gamma?: Parameter;
  readonly beta?: Parameter;
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
