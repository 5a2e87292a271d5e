import * as tf from '@tensorflow/tfjs-core';
import type { Operator } from '../engine.ts';
import { type NodeOf, stateless } from '../operators.ts';
import { stepMask } from './merge.ts';

/** The mean or the largest value over the steps of x [B,T,I] that count. Where none does: NaN as in Keras, or −Infinity. */
export function reduceOperator(node: NodeOf<'ReduceMean' | 'ReduceMax'>): Operator {
  const reduce = node.op === 'ReduceMean' ? meanOverSteps : maxOverSteps;
  return {
    weights: [],
    forward: (value) => {
      const x = value(node.inputs[0]);
      const reduced = reduce(x, node.mask === undefined ? undefined : stepMask(value(node.mask), x.shape));
      return [node.keepAxis ? tf.expandDims(reduced, 1) : reduced];
    },
  };
}

function meanOverSteps(x: tf.Tensor, mask: tf.Tensor | undefined): tf.Tensor {
  if (!mask) return tf.mean(x, 1);
  const sum = tf.sum(tf.where(mask, x, tf.zerosLike(x)), 1);
  return tf.div(sum, tf.sum(tf.cast(mask, 'float32'), 1));
}

function maxOverSteps(x: tf.Tensor, mask: tf.Tensor | undefined): tf.Tensor {
  return largestAlong(mask ? tf.where(mask, x, tf.fill(x.shape, -Infinity)) : x, 1);
}

/**
 * The largest value along an axis, which goes. Places that share the maximum share its gradient, as in TensorFlow and PyTorch; the held
 * outputs of masked steps are such. TensorFlow.js gives each of them all of it.
 */
export function largestAlong(x: tf.Tensor, axis: number): tf.Tensor {
  const atEveryStep = (values: tf.Tensor) => tf.broadcastTo(tf.expandDims(values, axis), x.shape);
  const compute = tf.customGrad((steps, save) => {
    const value = tf.max(steps as tf.Tensor, axis);
    (save as tf.GradSaveFunc)([steps as tf.Tensor, value]);
    const gradFunc = (dy: tf.Tensor, [saved, largest]: tf.Tensor[]) => {
      const chosen = tf.cast(tf.equal(saved, atEveryStep(largest)), 'float32');
      const share = tf.div(dy, tf.sum(chosen, axis));
      return tf.mul(chosen, atEveryStep(share));
    };
    return { value, gradFunc: gradFunc as (dy: tf.Tensor, saved: tf.Tensor[]) => tf.Tensor };
  });
  return compute(x);
}

/** x [B,I] at every one of `count` steps. */
export function repeatVectorOperator(node: NodeOf<'RepeatVector'>): Operator {
  return stateless(node, (x) => tf.tile(tf.expandDims(x, 1), [1, node.count, 1]));
}

/** x [B,T,…] with steps of 0 before and behind, or without some of its own. */
export function padOperator(node: NodeOf<'Pad'>): Operator {
  return stateless(node, (x) => {
    const { before, after } = node;
    const [, steps, ...others] = x.shape as number[];
    const left = Math.max(0, steps + Math.min(0, before) + Math.min(0, after));
    const first = Math.min(steps, Math.max(0, -before));
    const kept = tf.slice(x, [0, first, ...others.map(() => 0)], [-1, left, ...others.map(() => -1)]);
    const added: [number, number] = [Math.max(0, before), Math.max(0, after)];
    return tf.pad(kept, [[0, 0], added, ...others.map((): [number, number] => [0, 0])]);
  });
}

/** Each step of x [B,T,I] so many times. */
export function upsampleOperator(node: NodeOf<'Upsample'>): Operator {
  return stateless(node, (x) => {
    const [batch, steps, width] = x.shape;
    const repeated = tf.tile(tf.expandDims(x, 2), [1, 1, node.factor, 1]);
    return tf.reshape(repeated, [batch, steps * node.factor, width]);
  });
}
