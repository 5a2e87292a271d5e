import * as tf from '@tensorflow/tfjs-core';
import { frontAxis } from '../../ops/shape.ts';
import type { Operator } from '../engine.ts';
import { type NodeOf, stateless } from '../operators.ts';
import { elementwise } from './elementwise.ts';

export function activationOperator(node: NodeOf<'Activation'>): Operator {
  return stateless(node, (x) => elementwise(node.activation, x));
}

export function softmaxOperator(node: NodeOf<'Softmax'>): Operator {
  return stateless(node, (x) => alongLast(x, node.axis, (rows) => tf.softmax(rows)));
}

export function logSoftmaxOperator(node: NodeOf<'LogSoftmax'>): Operator {
  return stateless(node, (x) => alongLast(x, node.axis, (rows) => tf.logSoftmax(rows)));
}

/** TensorFlow.js knows these only along the last axis. */
function alongLast(x: tf.Tensor, axis: number, compute: (rows: tf.Tensor) => tf.Tensor): tf.Tensor {
  const last = x.rank - 1;
  const along = frontAxis(axis, x.rank);
  if (along === last) return compute(x);
  const swapped = x.shape.map((_, i) => (i === along ? last : i === last ? along : i));
  return tf.transpose(compute(tf.transpose(x, swapped)), swapped);
}
