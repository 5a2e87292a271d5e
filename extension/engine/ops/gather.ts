import * as tf from '@tensorflow/tfjs-core';
import type { Operator } from '../engine.ts';
import type { NodeOf } from '../operators.ts';
import { plainWeight } from '../weight.ts';
import { tokenIds } from './tokenIds.ts';

/** Ids [B,…] to rows of the table [vocabulary, width]. */
export function gatherOperator(node: NodeOf<'Gather'>): Operator {
  return {
    weights: [plainWeight(node.table, 'table')],
    forward: (value, [table]) => [tf.gather(table.tensor, tokenIds(node, value(node.inputs[0])))],
  };
}
