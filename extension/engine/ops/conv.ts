import * as tf from '@tensorflow/tfjs-core';
import { turnedView } from '../../model/gateView.ts';
import { sizeOf } from '../../model/parameter.ts';
import { type ConvNode, stepTaps } from '../../model/windowNodes.ts';
import { convPlaces, rowPlaces } from '../../ops/windows.ts';
import type { Operator } from '../engine.ts';
import {
  addWindows,
  copyWindows,
  oneRow,
  type StepWindows,
  windowMatrix,
  windowShape,
} from '../stepWindows.ts';
import { plainWeight, type Weight } from '../weight.ts';

/** Windows of x [B,…,T',K·C] times the kernel [K·C,F], group by group; see `ConvNode`. */
export function convOperator(node: ConvNode): Operator {
  return {
    weights: convWeights(node),
    forward: (value, [kernel, bias]) => {
      const x = value(node.inputs[0]);
      const plan = convWindows(node, x.shape);
      const windows = windowsOf(x, plan);
      const product =
        node.groups === 1
          ? tf.matMul(windows, kernel.tensor as tf.Tensor2D)
          : groupedProduct(windows, kernel.tensor, node);
      const result = bias ? tf.add(product, bias.tensor) : product;
      return [tf.reshape(result, windowShape(x.shape, plan, kernel.tensor.shape[1] as number))];
    },
  };
}

/** The kernel [K · C / groups, F] and the bias [F]. */
export function convWeights({ taps, bias }: ConvNode): Weight[] {
  const [{ rows, columns }] = taps;
  const kernel: Weight = {
    role: 'kernel',
    shape: [taps.length * columns, rows],
    parts: taps.map((view, tap) => ({ view: turnedView(view), at: tap * columns * rows })),
  };
  return bias ? [kernel, plainWeight(bias, 'bias')] : [kernel];
}

/** The windows that a convolution sees of x [B,…,T,C], or [B,…,H,W,C]. */
export function convWindows(node: ConvNode, shape: readonly number[]): StepWindows {
  const [steps, channels] = shape.slice(-2);
  const { stride, dilation, spread, rows } = node;
  const height = rows ? shape[shape.length - 3] : 1;
  const batch = sizeOf(shape.slice(0, rows ? -3 : -2));
  const ofRows = rows ? { ...rows, height, ...rowPlaces(rows, height) } : oneRow;
  const size = stepTaps(node);
  return { batch, steps, channels, size, stride, dilation, spread, ...convPlaces(node, steps), rows: ofRows };
}

/** x as the rows of its windows. In plain loops, on the way back as well. */
function windowsOf(x: tf.Tensor, plan: StepWindows): tf.Tensor2D {
  const { m, k } = windowMatrix(plan);
  const shape: [number, number] = [m, k];
  const compute = tf.customGrad((sequence) => {
    const windows = new Float32Array(shape[0] * shape[1]);
    copyWindows((sequence as tf.Tensor).dataSync() as Float32Array, windows, plan);
    const gradFunc = (dy: tf.Tensor) => {
      const gradient = new Float32Array(x.size);
      addWindows(dy.dataSync() as Float32Array, gradient, plan);
      return tf.tensor(gradient, x.shape);
    };
    return { value: tf.tensor(windows, shape), gradFunc };
  });
  return compute(x) as tf.Tensor2D;
}

/** Each group's channels times its own filters: [B·T', F]. */
function groupedProduct(windows: tf.Tensor2D, kernel: tf.Tensor, { groups, taps }: ConvNode): tf.Tensor {
  const [{ rows: filters, columns }] = taps;
  const [rows] = windows.shape;
  const size = taps.length * columns;
  const grouped = (matrix: tf.Tensor, outer: number[], width: number, order: number[], shape: number[]) =>
    tf.reshape(tf.transpose(tf.reshape(matrix, [...outer, groups, width]), order), shape);
  const left = grouped(windows, [rows, taps.length], columns, [2, 0, 1, 3], [groups, rows, size]);
  const right = grouped(kernel, [size], filters / groups, [1, 0, 2], [groups, size, filters / groups]);
  return tf.reshape(tf.transpose(tf.matMul(left, right), [1, 0, 2]), [rows, filters]);
}
