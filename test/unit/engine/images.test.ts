// Windows over images, beside sums written out and values worked by hand.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cpuEngine } from '../../../extension/engine/cpu/engine.ts';
import { graphSession } from '../../../extension/engine/graphSession.ts';
import type { ConvNode, PoolNode, RowWindow } from '../../../extension/model/windowNodes.ts';
import { memoryParameter } from '../../support/memoryModel.ts';
import { randomFloats, seeded } from '../../support/random.ts';
import { assertClose, compute, tensor } from './compute.ts';
import { shareThreads } from './shareThreads.ts';

shareThreads();

const base = { inputs: ['x0'], outputs: ['y'], origin: 'layer' } as const;
const next = seeded(12);
const [batch, height, width, channels, filters] = [2, 5, 4, 2, 4];

/** Size, stride, dilation, places beyond the first and how many come out, of rows and of steps. */
type Axis = [size: number, stride: number, dilation: number, before: number, count: number];
const convolutions: [string, rows: Axis, steps: Axis, groups: number][] = [
  ['of places side by side', [2, 1, 1, 0, 4], [3, 1, 1, 0, 2], 1],
  ['padded, in strides', [3, 2, 1, 1, 3], [2, 1, 1, 1, 5], 1],
  ['of places apart', [2, 1, 3, 0, 2], [2, 1, 2, 1, 4], 1],
  ['in groups', [3, 1, 1, 1, 5], [3, 2, 1, 1, 2], 2],
];
for (const [name, ofRows, ofSteps, groups] of convolutions) {
  test(`a convolution ${name} is the sum over its windows of images`, async () => {
    const [kh, sh, dh, top, rows] = ofRows;
    const [kw, sw, dw, left, steps] = ofSteps;
    const own = channels / groups;
    const parameter = memoryParameter(
      'k',
      [filters, own, kh, kw],
      randomFloats(filters * own * kh * kw, next),
    );
    const bias = memoryParameter('b', [filters], randomFloats(filters, next));
    const x = randomFloats(batch * height * width * channels, next);
    const at = (n: number, h: number, w: number, c: number) =>
      h < 0 || h >= height || w < 0 || w >= width ? 0 : x[((n * height + h) * width + w) * channels + c];
    const sums: number[] = [];
    for (let place = 0; place < batch * rows * steps; place++) {
      const [n, i, j] = [Math.floor(place / rows / steps), Math.floor(place / steps) % rows, place % steps];
      for (let f = 0; f < filters; f++) {
        const first = Math.floor(f / (filters / groups)) * own;
        let sum = bias.values[f];
        for (let k = 0; k < own * kh * kw; k++) {
          const [c, a, b] = [Math.floor(k / kh / kw), Math.floor(k / kw) % kh, k % kw];
          const seen = at(n, i * sh + a * dh - top, j * sw + b * dw - left, first + c);
          sum += seen * parameter.values[f * own * kh * kw + k];
        }
        sums.push(sum);
      }
    }
    const around = ([size, stride, dilation, before, count]: Axis, length: number) =>
      [before, (count - 1) * stride + (size - 1) * dilation + 1 - before - length] as const;
    const view = { parameter, rows: filters, columns: own, rowStride: own * kh * kw, columnStride: kh * kw };
    const node: ConvNode = {
      ...base,
      op: 'Conv',
      taps: Array.from({ length: kh * kw }, (_, offset) => ({ ...view, offset })),
      bias,
      groups,
      ...{ stride: sw, dilation: dw, spread: 1, padding: around(ofSteps, width) },
      rows: { size: kh, stride: sh, dilation: dh, padding: around(ofRows, height) },
    };
    const image = tensor([batch, height, width, channels], x);
    const shape = [batch, rows, steps, filters];
    assertClose((await compute([node], [image], ['y']))[0], shape, sums, 1e-6);
    const graph = {
      inputs: [{ name: 'x0', shape: [null, height, width, channels], dtype: 'float32' as const }],
      nodes: [node],
      outputs: [{ name: 'y' }],
    };
    const plain = await graphSession(graph, cpuEngine, []);
    assertClose((await plain.forward([image]))[0], shape, sums, 1e-6);
    await plain.dispose();
  });
}

/** Two channels: 1 to 9, and their negatives. */
const image = tensor([1, 3, 3, 2], Array.from({ length: 9 }, (_, i) => [i + 1, -i - 1]).flat());
const twice = { size: 2, stride: 2, padding: [0, 1] } as const;
const rows: RowWindow = { ...twice, dilation: 1 };
const pools: [string, Pick<PoolNode, 'op' | 'countPadding'>, number[]][] = [
  ['the largest of four places', { op: 'MaxPool' }, [5, -1, 6, -3, 8, -7, 9, -9]],
  ['the mean of those that are there', { op: 'AveragePool' }, [3, -3, 4.5, -4.5, 7.5, -7.5, 9, -9]],
  [
    'the mean with what is beyond as 0',
    { op: 'AveragePool', countPadding: true },
    [3, -3, 2.25, -2.25, 3.75, -3.75, 2.25, -2.25],
  ],
];
for (const [name, node, expected] of pools) {
  test(`pooling of images puts out ${name}`, async () => {
    const [y] = await compute([{ ...base, ...node, ...twice, rows }], [image], ['y']);
    assertClose(y, [1, 2, 2, 2], expected, 1e-6);
  });
}

test('pooling of images that are smaller than its windows puts out none', async () => {
  const wide = { size: 4, stride: 4, padding: [0, 0] } as const;
  const ofRows = { ...wide, dilation: 1 };
  const pool = async (node: Omit<PoolNode, keyof typeof base | 'op'>) => {
    const [y] = await compute([{ ...base, op: 'MaxPool', ...node }], [image], ['y']);
    return y.shape;
  };
  assert.deepEqual(await pool({ ...wide, rows: ofRows }), [1, 0, 0, 2]);
  assert.deepEqual(await pool({ ...wide, rows }), [1, 2, 0, 2]);
  assert.deepEqual(await pool({ ...twice, rows: ofRows }), [1, 0, 2, 2]);
});
