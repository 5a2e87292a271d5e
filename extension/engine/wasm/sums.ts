import * as tf from '@tensorflow/tfjs-core';
import { type KernelCall, replaceKernel } from './replaceKernel.ts';
import { rowsOf, stepsOf } from './rows.ts';

/** Sum over some axes, in float64 and in the order of the values, whichever axes they are. */
function sum(
  { inputs: { x }, attributes, backend }: KernelCall,
  divisor: (count: number) => number,
): tf.TensorInfo {
  const { axis, keepDims } = attributes as { axis: number | number[]; keepDims: boolean };
  const axes = tf.util.parseAxisParam(axis, x.shape);
  const kept = x.shape.map((n, i) => (axes.includes(i) ? 1 : n));
  const { info } = backend.output(keepDims ? kept : kept.filter((_, i) => !axes.includes(i)));
  const [out, values] = [info, x].map((tensor) => backend.floats(tensor));
  const sums = new Float64Array(out.length);
  const outSteps = stepsOf(kept).map((step, i) => (axes.includes(i) ? 0 : step));
  const rows = rowsOf(x.shape, [stepsOf(x.shape), outSteps]);
  const { length } = rows;
  const step = rows.steps[1];
  rows.each(([i, o]) => {
    if (step === 0) {
      let total = sums[o];
      for (let k = 0; k < length; k++) total += values[i + k];
      sums[o] = total;
    } else for (let k = 0; k < length; k++) sums[o + k * step] += values[i + k];
  });
  const count = divisor(axes.reduce((product, i) => product * x.shape[i], 1));
  for (let o = 0; o < sums.length; o++) out[o] = sums[o] / count;
  return info;
}

export function registerSums(): void {
  replaceKernel('Sum', (call) => sum(call, () => 1));
  replaceKernel('Mean', (call) => sum(call, (count) => count));
}
