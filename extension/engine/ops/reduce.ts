import * as tf from '@tensorflow/tfjs-core';
import type { Operator } from '../engine.ts';
import { type NodeOf, stateless } from '../operators.ts';
import { largestAlong } from './steps.ts';

/** Over some axes, which go or become 1. */
export function reduceAxesOperator(node: NodeOf<'Reduce'>): Operator {
  const { by, keepAxes = false } = node;
  const axes = node.axes.toSorted((a, b) => b - a);
  switch (by) {
    case 'Sum':
      return stateless(node, (x) => tf.sum(x, [...axes], keepAxes));
    case 'Mean':
      return stateless(node, (x) => tf.mean(x, [...axes], keepAxes));
    case 'Max':
      return stateless(node, (x) => largest(x, axes, keepAxes));
    case 'Min':
      return stateless(node, (x) => tf.neg(largest(tf.neg(x), axes, keepAxes)));
  }
}

/** From the last axis to the first, so that those before keep their numbers. */
function largest(x: tf.Tensor, axes: readonly number[], keepAxes: boolean): tf.Tensor {
  return axes.reduce((value, axis) => {
    const reduced = largestAlong(value, axis);
    return keepAxes ? tf.expandDims(reduced, axis) : reduced;
  }, x);
}
