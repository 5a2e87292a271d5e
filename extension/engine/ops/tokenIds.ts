import * as tf from '@tensorflow/tfjs-core';
import { UserError } from '../../protocol/userError.ts';
import type { NodeOf } from '../operators.ts';

/**
 * The ids that a Gather node takes, as int32. The data room checks those of a graph's inputs; these may have come through
 * other nodes, and a kernel would read beyond the table.
 * @throws {UserError} tokenOutside
 */
export function tokenIds({ table, origin }: NodeOf<'Gather'>, values: tf.Tensor): tf.Tensor {
  const ids = tf.cast(values, 'int32');
  const high = table.shape[0] - 1;
  for (const id of ids.dataSync()) {
    if (id < 0 || id > high) throw new UserError('tokenOutside', { layer: origin, value: String(id), high });
  }
  return ids;
}
