import * as tf from '@tensorflow/tfjs-core';
import { type NodeOf, type Operator, plain } from '../operators.ts';

/** Ids [B,…] to rows of the table [vocabulary, width]. The data room has checked that every id is in the vocabulary. */
export function gatherOperator(node: NodeOf<'Gather'>): Operator {
  return {
    weights: async (read) => [await plain(read, node.table)],
    forward: (value, [table]) => [tf.gather(table, tf.cast(value(node.inputs[0]), 'int32'))],
  };
}
