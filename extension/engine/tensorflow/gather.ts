import * as tf from '@tensorflow/tfjs-core';
import type { Operator } from '../engine.ts';
import type { NodeOf } from '../operators.ts';
import { tokenIds } from '../ops/tokenIds.ts';
import { plainWeight } from '../weight.ts';

/** Ids [B,…] to rows of the table [vocabulary, width]; the gradient is summed by row without being transposed first. */
export function gatherOperator(node: NodeOf<'Gather'>): Operator {
  const [vocabulary, width] = node.table.shape;
  const rowsOf = (table: tf.Tensor, ids: tf.Tensor) => {
    const compute = tf.customGrad((rows, save) => {
      (save as tf.GradSaveFunc)([ids]);
      return {
        value: tf.gather(rows as tf.Tensor, ids as tf.Tensor1D),
        gradFunc: (dy: tf.Tensor, [places]: tf.Tensor[]) => {
          const slopes = tf.reshape(dy, [places.size, width]);
          return tf.unsortedSegmentSum(slopes, tf.reshape(places, [places.size]) as tf.Tensor1D, vocabulary);
        },
      };
    });
    return compute(table);
  };
  return {
    weights: [plainWeight(node.table, 'table')],
    forward: (value, [table]) => [rowsOf(table.tensor, tokenIds(node, value(node.inputs[0])))],
  };
}
