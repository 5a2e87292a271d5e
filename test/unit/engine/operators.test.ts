import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryParameter } from '../../support/memoryModel.ts';
import { randomFloats, seeded } from '../../support/random.ts';
import { assertClose, compute, tensor } from './compute.ts';
import { shareThreads } from './shareThreads.ts';

shareThreads();

const base = { inputs: ['x0'], outputs: ['y'], origin: 'layer' } as const;
const next = seeded(21);
const tolerance = 1e-6;

/** Rows times W [in, out], plus b. */
function product(
  rows: Float32Array,
  weights: Float32Array,
  bias: Float32Array | undefined,
  inputs: number,
  outputs: number,
) {
  const result: number[] = [];
  for (let row = 0; row < rows.length / inputs; row++) {
    for (let o = 0; o < outputs; o++) {
      let sum = bias?.[o] ?? 0;
      for (let i = 0; i < inputs; i++) sum += rows[row * inputs + i] * weights[i * outputs + o];
      result.push(sum);
    }
  }
  return result;
}

for (const shape of [
  [5, 3],
  [2, 4, 3],
  [0, 4, 3],
]) {
  for (const [withBias, transposed] of [
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ]) {
    test(`MatMul of x [${shape}] ${withBias ? 'with' : 'without'} bias, W ${transposed ? '[out, in]' : '[in, out]'}`, async () => {
      const x = randomFloats(
        shape.reduce((a, b) => a * b, 1),
        next,
      );
      const values = randomFloats(12, next);
      const weight = transposed
        ? memoryParameter(
            'w',
            [4, 3],
            values.map((_, i) => values[(i % 3) * 4 + Math.floor(i / 3)]),
          )
        : memoryParameter('w', [3, 4], values);
      const bias = withBias ? memoryParameter('b', [4], randomFloats(4, next)) : undefined;
      const [y] = await compute(
        [{ ...base, op: 'MatMul', weight, transposed, ...(bias && { bias }) }],
        [tensor(shape, x)],
        ['y'],
      );
      assertClose(y, [...shape.slice(0, -1), 4], product(x, values, bias?.values, 3, 4), tolerance);
    });
  }
}

test('Scale is its factor times x', async () => {
  for (const [factor, expected] of [
    [0.25, [0.5, -1, 0]],
    [-2, [-4, 8, 0]],
  ] as const) {
    const [y] = await compute([{ ...base, op: 'Scale', factor }], [tensor([1, 3], [2, -4, 0])], ['y']);
    assertClose(y, [1, 3], expected, 0);
  }
});

for (const axis of [-1, 1, 2]) {
  for (const affine of [false, true]) {
    test(`BatchNormalization over axis ${axis} ${affine ? 'with' : 'without'} gamma and beta`, async () => {
      const shape = [2, 3, 4];
      const place = axis === -1 ? 2 : axis;
      const width = shape[place];
      const vector = (name: string) => memoryParameter(name, [width], randomFloats(width, next));
      const [mean, gamma, beta] = [vector('mean'), vector('gamma'), vector('beta')];
      const variance = memoryParameter('variance', [width], randomFloats(width, next).map(Math.abs));
      const x = randomFloats(24, next);
      const along = (i: number) => (place === 2 ? i % 4 : Math.floor(i / 4) % 3);
      const expected = [...x].map((value, i) => {
        const k = along(i);
        const normal = (value - mean.values[k]) / Math.sqrt(variance.values[k] + 0.01);
        return affine ? gamma.values[k] * normal + beta.values[k] : normal;
      });
      const [y] = await compute(
        [
          {
            ...base,
            op: 'BatchNormalization',
            axis,
            epsilon: 0.01,
            mean,
            variance,
            ...(affine && { gamma, beta }),
          },
        ],
        [tensor(shape, x)],
        ['y'],
      );
      assertClose(y, shape, expected, tolerance);
    });
  }
}

test('Gather takes rows of the table by id, masked weights as zeros', async () => {
  const table = memoryParameter('table', [3, 2], [1, 2, 3, 4, 5, 6]);
  table.mask = Uint8Array.of(1, 1, 1, 0, 1, 1);
  const ids = tensor([2, 3], [0, 2, 1, 1, 1, 0], true);
  const [y] = await compute([{ ...base, op: 'Gather', table }], [ids], ['y']);
  assertClose(y, [2, 3, 2], [1, 2, 5, 6, 3, 0, 3, 0, 3, 0, 1, 2], 0);
});

test('Concat joins along the features or along time', async () => {
  const inputs = [tensor([1, 2, 1], [1, 2]), tensor([1, 2, 2], [3, 4, 5, 6])];
  const joined = { ...base, inputs: ['x0', 'x1'], op: 'Concat' } as const;
  const [features] = await compute([{ ...joined, axis: -1 }], inputs, ['y']);
  assertClose(features, [1, 2, 3], [1, 3, 4, 2, 5, 6], 0);
  const [time] = await compute(
    [{ ...joined, axis: 1 }],
    [tensor([2, 1, 1], [1, 2]), tensor([2, 2, 1], [3, 4, 5, 6])],
    ['y'],
  );
  assertClose(time, [2, 3, 1], [1, 3, 4, 2, 5, 6], 0);
});

test('Reshape fills its open axis, Flatten leaves one, and neither moves a value', async () => {
  const x = tensor(
    [2, 3, 4],
    Array.from({ length: 24 }, (_, i) => i),
  );
  const values = [...x.data];
  const [open] = await compute([{ ...base, op: 'Reshape', shape: [-1, 6] }], [x], ['y']);
  assertClose(open, [2, 2, 6], values, 0);
  const [flat] = await compute([{ ...base, op: 'Flatten' }], [x], ['y']);
  assertClose(flat, [2, 12], values, 0);
});

test('Reverse turns time round and nothing else', async () => {
  const x = tensor(
    [2, 3, 2],
    Array.from({ length: 12 }, (_, i) => i),
  );
  const [y] = await compute([{ ...base, op: 'Reverse' }], [x], ['y']);
  assertClose(y, [2, 3, 2], [4, 5, 2, 3, 0, 1, 10, 11, 8, 9, 6, 7], 0);
  const [mask] = await compute([{ ...base, op: 'Reverse' }], [tensor([2, 2], [1, 0, 0, 1])], ['y']);
  assertClose(mask, [2, 2], [0, 1, 1, 0], 0);
});

test('Softmax and LogSoftmax hold for large values too', async () => {
  const rows = [
    [1, 2, 3],
    [-5, 0, 5],
    [1000, 1000, 999],
    [-1000, 0, 0],
  ];
  const softmax = (row: number[]) => {
    const largest = Math.max(...row);
    const powers = row.map((value) => Math.exp(value - largest));
    const sum = powers.reduce((a, b) => a + b, 0);
    return powers.map((value) => value / sum);
  };
  const x = tensor([2, 2, 3], rows.flat());
  const [y] = await compute([{ ...base, op: 'Softmax', axis: -1 }], [x], ['y']);
  assertClose(y, [2, 2, 3], rows.flatMap(softmax), tolerance);
  const [log] = await compute([{ ...base, op: 'LogSoftmax', axis: -1 }], [x], ['y']);
  const logs = rows.flatMap((row) => {
    const largest = Math.max(...row);
    const rest = Math.log(row.reduce((sum, value) => sum + Math.exp(value - largest), 0));
    return row.map((value) => value - largest - rest);
  });
  assertClose(log, [2, 2, 3], logs, tolerance);
});

test('Dropout drops nothing while evaluating', async () => {
  const [y] = await compute([{ ...base, op: 'Dropout', rate: 0.9 }], [tensor([1, 3], [1, 2, 3])], ['y']);
  assertClose(y, [1, 3], [1, 2, 3], 0);
});

test('a mask is 1 where any feature, or the id, is not the value', async () => {
  const x = tensor([1, 4, 2], [0, 0, 0, 1, 2, 0, -0, 0]);
  const [features] = await compute(
    [{ ...base, op: 'NotEqualMask', value: 0, overFeatures: true }],
    [x],
    ['y'],
  );
  assertClose(features, [1, 4], [0, 1, 1, 0], 0);
  const ids = tensor([2, 2], [0, 3, 1, 0], true);
  const [own] = await compute([{ ...base, op: 'NotEqualMask', value: 0, overFeatures: false }], [ids], ['y']);
  assertClose(own, [2, 2], [0, 1, 1, 0], 0);
});

test('a mask by lengths is 1 before the length of each sequence', async () => {
  const lengths = tensor([3], [3, 0, 2], true);
  const x = tensor([3, 3, 1], [1, 2, 3, 4, 5, 6, 7, 8, 9]);
  const [mask] = await compute([{ ...base, op: 'LengthMask', inputs: ['x0', 'x1'] }], [lengths, x], ['y']);
  assertClose(mask, [3, 3], [1, 1, 1, 0, 0, 0, 1, 1, 0], 0);
});

test('ApplyMask sets masked steps to 0; And and Or combine masks', async () => {
  const x = tensor([1, 3, 2], [1, 2, 3, 4, 5, 6]);
  const both = { ...base, inputs: ['x0', 'x1'] } as const;
  const [y] = await compute([{ ...both, op: 'ApplyMask' }], [x, tensor([1, 3], [1, 0, 1])], ['y']);
  assertClose(y, [1, 3, 2], [1, 2, 0, 0, 5, 6], 0);
  const masks = [tensor([1, 4], [0, 0, 1, 1]), tensor([1, 4], [0, 1, 0, 1])];
  const [and] = await compute([{ ...both, op: 'And' }], masks, ['y']);
  const [or] = await compute([{ ...both, op: 'Or' }], masks, ['y']);
  assert.deepEqual(
    [[...and.data], [...or.data]],
    [
      [0, 0, 0, 1],
      [0, 1, 1, 1],
    ],
  );
});
