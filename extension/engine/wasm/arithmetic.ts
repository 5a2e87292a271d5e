import * as tf from '@tensorflow/tfjs-core';
import { type KernelCall, replaceKernel } from './replaceKernel.ts';
import { repeatedSteps, rowsOf, stepsOf } from './rows.ts';

/** out[o + k] from a[i + k · di] and b[j + k · dj], for k from 0 to n − 1. */
type Row = (
  out: Float32Array,
  o: number,
  a: Float32Array,
  i: number,
  di: number,
  b: Float32Array,
  j: number,
  dj: number,
  n: number,
) => void;

// One loop an operation: a function that is called for every value costs more than what it computes.
const operations: Record<string, Row> = {
  Add: (out, o, a, i, di, b, j, dj, n) => {
    for (let k = 0; k < n; k++) out[o + k] = a[i + k * di] + b[j + k * dj];
  },
  Sub: (out, o, a, i, di, b, j, dj, n) => {
    for (let k = 0; k < n; k++) out[o + k] = a[i + k * di] - b[j + k * dj];
  },
  Multiply: (out, o, a, i, di, b, j, dj, n) => {
    for (let k = 0; k < n; k++) out[o + k] = a[i + k * di] * b[j + k * dj];
  },
  RealDiv: (out, o, a, i, di, b, j, dj, n) => {
    for (let k = 0; k < n; k++) out[o + k] = a[i + k * di] / b[j + k * dj];
  },
  Maximum: (out, o, a, i, di, b, j, dj, n) => {
    for (let k = 0; k < n; k++) out[o + k] = Math.max(a[i + k * di], b[j + k * dj]);
  },
  Minimum: (out, o, a, i, di, b, j, dj, n) => {
    for (let k = 0; k < n; k++) out[o + k] = Math.min(a[i + k * di], b[j + k * dj]);
  },
};

function arithmetic(row: Row, { inputs: { a, b }, backend }: KernelCall): tf.TensorInfo {
  const shape = tf.broadcast_util.assertAndGetBroadcastShape(a.shape, b.shape);
  const { info } = backend.output(shape);
  const [out, left, right] = [info, a, b].map((tensor) => backend.floats(tensor));
  const rows = rowsOf(shape, [stepsOf(shape), repeatedSteps(a.shape, shape), repeatedSteps(b.shape, shape)]);
  const [, di, dj] = rows.steps;
  rows.each(([o, i, j]) => row(out, o, left, i, di, right, j, dj, rows.length));
  return info;
}

/** The arithmetic of two tensors, either repeated along axes of length 1: TensorFlow.js' own goes value by value there. */
export function registerArithmetic(): void {
  for (const [name, row] of Object.entries(operations)) replaceKernel(name, (call) => arithmetic(row, call));
}
