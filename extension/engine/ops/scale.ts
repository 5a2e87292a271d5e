import * as tf from '@tensorflow/tfjs-core';
import type { Operator } from '../engine.ts';
import { type NodeOf, stateless } from '../operators.ts';

/** y = factor · x */
export function scaleOperator(node: NodeOf<'Scale'>): Operator {
  return stateless(node, (x) => tf.mul(x, node.factor));
}
