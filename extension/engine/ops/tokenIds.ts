import * as tf from '@tensorflow/tfjs-core';
import { UserError } from '../../protocol/userError.ts';
import type { NodeOf } from '../operators.ts';

/**
 * The ids that a Gather node takes, as int32. The data room checks those of a graph's inputs; these may have come through
 * other nodes, and a kernel would read beyond the table.
 * @throws {UserError} tokenOutside
 */
export function tokenIds({ table, origin }: NodeOf<'Gather'>, values: tf.Tensor): tf.Tensor {
  const high = table.shape[0] - 1;
  for (const value of values.dataSync()) {
    // A fraction is cut off below, as Keras does; NaN is no id.
    if (value >= 0 && value < high + 1) continue;
    throw new UserError('tokenOutside', { layer: origin, value: String(value), high });
  }
  return tf.cast(values, 'int32');
}
