import * as tf from '@tensorflow/tfjs-core';
import type { Operator } from '../engine.ts';
import { type NodeOf, stateless } from '../operators.ts';
import { elementwise } from './elementwise.ts';

export function activationOperator(node: NodeOf<'Activation'>): Operator {
  return stateless(node, (x) => elementwise(node.activation, x));
}

export function softmaxOperator(node: NodeOf<'Softmax'>): Operator {
  return stateless(node, (x) => tf.softmax(x, node.axis));
}

export function logSoftmaxOperator(node: NodeOf<'LogSoftmax'>): Operator {
  return stateless(node, (x) => tf.logSoftmax(x, node.axis));
}
