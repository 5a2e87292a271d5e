import type { Integers } from '../../model/integers.ts';
import type { ConvNode } from '../../model/windowNodes.ts';
import { convWindows } from '../ops/conv.ts';
import { copyWindows } from '../stepWindows.ts';
import { quantizedAsymmetric } from './hybrid.ts';
import { integerProduct } from './product.ts';
import type { Values } from './values.ts';
import { type IntegerMatrix, integerMatrix, rowTimes, scaleOf } from './weights.ts';

const { fround } = Math;

/**
 * TensorFlow Lite's CONV_2D and DEPTHWISE_CONV_2D over the steps of x [B,…,T,C]: each window is a row of a product of integers. What is
 * beyond the steps is 0 on any grid.
 * @param weights as `convWeights` has them
 */
export function integerConvolution(
  node: ConvNode,
  integers: Extract<Integers, { kind: 'product' | 'hybrid' }>,
  { data, shape }: Values,
  [kernel, added]: readonly Float32Array[],
): Values {
  const plan = convWindows(node, shape);
  const width = plan.size * plan.channels;
  const matrix = windowMatrix(node, kernel, plan.channels);
  const windowsOf = (x: Float32Array, batch: number) => {
    const windows = new Float32Array(batch * plan.count * width);
    copyWindows(x, windows, { ...plan, batch });
    return windows;
  };
  const result = [...shape.slice(0, -2), plan.count, matrix.rows];
  if (integers.kind === 'product') {
    const { scale } = integers.from;
    const bias =
      node.bias && Int32Array.from(added, (value, row) => Math.round(value / (scale * scaleOf(matrix, row))));
    return { shape: result, data: integerProduct(windowsOf(data, plan.batch), matrix, bias, integers) };
  }
  const [samples] = shape;
  const sample = data.length / samples;
  const outputs = Array.from({ length: samples }, (_, n) => {
    const row = quantizedAsymmetric(data.subarray(n * sample, (n + 1) * sample));
    const centred = Float32Array.from(
      row?.integers ?? new Int32Array(sample),
      (q) => q - (row?.zeroPoint ?? 0),
    );
    const windows = Int32Array.from(windowsOf(centred, plan.batch / samples));
    return Array.from({ length: windows.length / width }, (_, at) =>
      Array.from({ length: matrix.rows }, (_, filter) => {
        const factor = fround((row?.scale ?? 0) * scaleOf(matrix, filter));
        return fround(
          fround(rowTimes(matrix, filter, windows, at * width) * factor) + (node.bias ? added[filter] : 0),
        );
      }),
    );
  });
  return { shape: result, data: Float32Array.from(outputs.flat(2)) };
}

/** The kernel [K·C/groups, F] as a matrix [F, K·C], with 0 where a filter does not see a channel. */
function windowMatrix({ taps, groups }: ConvNode, kernel: Float32Array, channels: number): IntegerMatrix {
  const [{ rows: filters, columns, parameter }] = taps;
  const width = taps.length * channels;
  const values = new Float32Array(filters * width);
  for (let filter = 0; filter < filters; filter++) {
    const first = Math.floor(filter / (filters / groups)) * columns;
    for (let tap = 0; tap < taps.length; tap++)
      for (let c = 0; c < columns; c++)
        values[filter * width + tap * channels + first + c] = kernel[(tap * columns + c) * filters + filter];
  }
  return integerMatrix(values, [filters, width], parameter);
}
