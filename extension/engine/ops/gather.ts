import * as tf from '@tensorflow/tfjs-core';
import type { Operator } from '../engine.ts';
import type { NodeOf } from '../operators.ts';
import { plainWeight } from '../weight.ts';

/** Ids [B,…] to rows of the table [vocabulary, width]. The data room has checked that every id is in the vocabulary. */
export function gatherOperator(node: NodeOf<'Gather'>): Operator {
  return {
    weights: [plainWeight(node.table, 'table')],
    forward: (value, [table]) => [tf.gather(table.tensor, tf.cast(value(node.inputs[0]), 'int32'))],
  };
}
