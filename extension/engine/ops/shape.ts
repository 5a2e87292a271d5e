import * as tf from '@tensorflow/tfjs-core';
import { sizeOf } from '../../model/parameter.ts';
import type { Operator } from '../engine.ts';
import { type NodeOf, stateless } from '../operators.ts';

export function concatOperator(node: NodeOf<'Concat'>): Operator {
  return stateless(node, (...inputs) => tf.concat(inputs, node.axis));
}

export function reshapeOperator(node: NodeOf<'Reshape'>): Operator {
  return stateless(node, (x) => tf.reshape(x, [x.shape[0], ...node.shape]));
}

export function flattenOperator(node: NodeOf<'Flatten'>): Operator {
  const { axis = 1 } = node;
  return stateless(node, (x) => tf.reshape(x, [...x.shape.slice(0, axis), sizeOf(x.shape.slice(axis))]));
}

export function reverseOperator(node: NodeOf<'Reverse'>): Operator {
  return stateless(node, (x) => tf.reverse(x, 1));
}

export function transposeOperator(node: NodeOf<'Transpose'>): Operator {
  return stateless(node, (x) => tf.transpose(x, [...node.permutation]));
}
