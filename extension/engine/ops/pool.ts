import * as tf from '@tensorflow/tfjs-core';
import { sizeOf } from '../../model/parameter.ts';
import type { PoolNode, StepWindow } from '../../model/windowNodes.ts';
import { windowPlaces } from '../../ops/windows.ts';
import type { Operator } from '../engine.ts';
import { type NodeOf, stateless } from '../operators.ts';

/** One window over x [steps, channels] of a sample: the steps [from, to) that it sees, and the output's step. */
type Visit = (sample: number, place: number, from: number, to: number) => void;

/**
 * Each channel's largest or mean value in every window; see `PoolNode`. Over images along each row first, then over what that leaves, all of
 * a row being channels: the largest value and the mean of a window are those of its rows', and so is which of equal ones comes first.
 */
export function poolOperator(node: NodeOf<'MaxPool' | 'AveragePool'>): Operator {
  return stateless(node, (x) => {
    const alongSteps = pooled(node, node, x);
    if (!node.rows) return alongSteps;
    const [height, width, channels] = alongSteps.shape.slice(-3);
    const outer = alongSteps.shape.slice(0, -3);
    const alongRows = pooled(node, node.rows, tf.reshape(alongSteps, [...outer, height, width * channels]));
    return tf.reshape(alongRows, [...alongRows.shape.slice(0, -1), width, channels]);
  });
}

/** In plain loops, on the way back as well. */
function pooled(node: PoolNode, window: StepWindow & Pick<PoolNode, 'size'>, x: tf.Tensor): tf.Tensor {
  const [steps, channels] = x.shape.slice(-2);
  const outer = x.shape.slice(0, -2);
  const batch = sizeOf(outer);
  const { size, stride } = window;
  const { count, before } = windowPlaces(window, steps, size);
  const rule = node.op === 'MaxPool' ? largest(channels) : mean(size, node.countPadding, channels);
  const eachWindow = (visit: Visit) => {
    for (let row = 0; row < batch * count; row++) {
      const start = (row % count) * stride - before;
      visit(Math.floor(row / count) * steps, row, Math.max(0, start), Math.min(steps, start + size));
    }
  };
  const compute = tf.customGrad((sequence, save) => {
    (save as tf.GradSaveFunc)([sequence as tf.Tensor]);
    const values = (sequence as tf.Tensor).dataSync() as Float32Array;
    const result = new Float32Array(batch * count * channels);
    eachWindow(rule.forward(values, result));
    const gradFunc = (dy: tf.Tensor, [saved]: tf.Tensor[]) => {
      const gradient = new Float32Array(values.length);
      eachWindow(rule.backward(dy.dataSync() as Float32Array, saved.dataSync() as Float32Array, gradient));
      return tf.tensor(gradient, x.shape);
    };
    return { value: tf.tensor(result, [...outer, count, channels]), gradFunc: gradFunc as GradFunc };
  });
  return compute(x);
}

type GradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => tf.Tensor;

interface Rule {
  forward(x: Float32Array, pooled: Float32Array): Visit;
  backward(dy: Float32Array, x: Float32Array, gradient: Float32Array): Visit;
}

/** The first of equal values has the gradient, as in TensorFlow and PyTorch. */
function largest(channels: number): Rule {
  const placeOf = (x: Float32Array, sample: number, from: number, to: number, c: number) => {
    let found = (sample + from) * channels + c;
    for (let at = found + channels; at < (sample + to) * channels; at += channels)
      if (x[at] > x[found]) found = at;
    return found;
  };
  return {
    forward: (x, pooled) => (sample, row, from, to) => {
      for (let c = 0; c < channels; c++)
        pooled[row * channels + c] =
          from < to ? x[placeOf(x, sample, from, to, c)] : Number.NEGATIVE_INFINITY;
    },
    backward: (dy, x, gradient) => (sample, row, from, to) => {
      if (from >= to) return;
      for (let c = 0; c < channels; c++) gradient[placeOf(x, sample, from, to, c)] += dy[row * channels + c];
    },
  };
}

function mean(size: number, countPadding: boolean | undefined, channels: number): Rule {
  const divisor = (from: number, to: number) => (countPadding ? size : to - from);
  return {
    forward: (x, pooled) => (sample, row, from, to) => {
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        for (let t = from; t < to; t++) sum += x[(sample + t) * channels + c];
        pooled[row * channels + c] = sum / divisor(from, to);
      }
    },
    backward: (dy, _, gradient) => (sample, row, from, to) => {
      for (let t = from; t < to; t++)
        for (let c = 0; c < channels; c++)
          gradient[(sample + t) * channels + c] += dy[row * channels + c] / divisor(from, to);
    },
  };
}
