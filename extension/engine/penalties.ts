import * as tf from '@tensorflow/tfjs-core';
import { type ActivityPenalty, normPenalty, penaltyOf } from '../model/penalty.ts';
import type { Slot } from './slot.ts';
import { into, type Values } from './trainedWeights.ts';
import { gatherWeight, parametersOf, scatterWeight } from './weight.ts';

/** What regularizers add for the present weights of some slots. A weight that lies in several of them counts once. */
export function weightPenalty(slots: readonly Slot[]): number {
  let sum = 0;
  for (const [{ penalty, shape }, values] of penalisedValues(slots))
    if (penalty) sum += penaltyOf(penalty, shape, values);
  return sum;
}

/**
 * Adds to the gradients of some slots, each with the shape of its tensor, those of the penalties of their weights.
 * @returns the penalties
 */
export function withWeightPenalty(
  slots: readonly Slot[],
  gradients: readonly tf.Tensor[],
): { readonly penalty: number; readonly gradients: readonly tf.Tensor[] } {
  const pulls: Values = new Map();
  let penalty = 0;
  for (const [parameter, values] of penalisedValues(slots)) {
    const pull = into(pulls)(parameter);
    if (parameter.penalty) penalty += penaltyOf(parameter.penalty, parameter.shape, values, pull);
  }
  const pulled = ({ weight, variable }: Slot, gradient: tf.Tensor) =>
    tf.add(gradient, variable.contract(gatherWeight(weight, into(pulls))));
  return {
    penalty,
    gradients: slots.map((slot, i) => (isPenalised(slot) ? pulled(slot, gradients[i]) : gradients[i])),
  };
}

/** What a regularizer adds for outputs [B, …] of a batch; in float64, with its own gradient. */
export function outputPenalty(outputs: tf.Tensor, penalty: ActivityPenalty): tf.Tensor {
  const [samples] = outputs.shape;
  const compute = tf.customGrad((x) => {
    const gradient = new Float32Array(outputs.size);
    const sum = normPenalty(penalty, (x as tf.Tensor).dataSync(), gradient);
    const gradFunc = (dy: tf.Tensor) => tf.mul(tf.tensor(gradient, outputs.shape), tf.div(dy, samples));
    return { value: tf.scalar(sum / samples), gradFunc };
  });
  return compute(outputs);
}

function isPenalised({ weight }: Slot): boolean {
  return parametersOf(weight).some(({ penalty }) => penalty);
}

function penalisedValues(slots: readonly Slot[]): Values {
  const values: Values = new Map();
  for (const slot of slots)
    if (isPenalised(slot)) scatterWeight(slot.weight, slot.variable.read(), into(values));
  return values;
}
