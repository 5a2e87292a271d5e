import type { Grid } from '../../model/integers.ts';
import { sizeOf } from '../../model/parameter.ts';
import type { PoolNode } from '../../model/windowNodes.ts';
import { windowPlaces } from '../../ops/windows.ts';
import { roundAway } from './fixedPoint.ts';
import { integersOf, valuesOf } from './grid.ts';
import type { Values } from './values.ts';

/** TensorFlow Lite's AVERAGE_POOL_2D: the mean of the integers in a window of x [B,…,T,C], halves away from 0, not from the zero point. */
export function integerPool(node: PoolNode, { data, shape }: Values, grid: Grid): Values {
  const [steps, channels] = shape.slice(-2);
  const { count, before } = windowPlaces(node, steps, node.size);
  const x = integersOf(data, grid);
  const rows = sizeOf(shape.slice(0, -2)) * count;
  const means = new Int32Array(rows * channels);
  for (let row = 0; row < rows; row++) {
    const start = (row % count) * node.stride - before;
    const [from, to] = [Math.max(0, start), Math.min(steps, start + node.size)];
    const first = Math.floor(row / count) * steps;
    for (let c = 0; c < channels; c++) {
      let sum = 0;
      for (let t = from; t < to; t++) sum += x[(first + t) * channels + c];
      means[row * channels + c] = roundAway(sum / (to - from));
    }
  }
  return { shape: [...shape.slice(0, -2), count, channels], data: valuesOf(means, grid) };
}
