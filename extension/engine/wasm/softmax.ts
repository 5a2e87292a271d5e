import type * as tf from '@tensorflow/tfjs-core';
import { type KernelCall, replaceKernel } from './replaceKernel.ts';

/** Over the last axis, the only one that TensorFlow.js takes. */
function softmax({ inputs: { logits }, backend }: KernelCall): tf.TensorInfo {
  const { info } = backend.output(logits.shape);
  const [out, values] = [info, logits].map((tensor) => backend.floats(tensor));
  const width = logits.shape.at(-1) ?? 1;
  for (let row = 0; row < values.length; row += width) {
    let largest = -Infinity;
    for (let i = row; i < row + width; i++) largest = Math.max(largest, values[i]);
    let sum = 0;
    for (let i = row; i < row + width; i++) {
      out[i] = Math.exp(values[i] - largest);
      sum += out[i];
    }
    for (let i = row; i < row + width; i++) out[i] /= sum;
  }
  return info;
}

export function registerSoftmax(): void {
  replaceKernel('Softmax', softmax);
}
