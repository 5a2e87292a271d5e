import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Activation } from '../../../extension/model/graph.ts';
import { preservesZero } from '../../../extension/model/zeroPreserving.ts';
import { compute, tensor } from './compute.ts';
import { shareThreads } from './shareThreads.ts';

shareThreads();

/** Error function by its Maclaurin series, which converges everywhere; exact enough below 6. */
function erf(x: number): number {
  if (Math.abs(x) > 5) return Math.sign(x);
  let [sum, term] = [0, x];
  for (let n = 0; n < 200; n++) {
    sum += term / (2 * n + 1);
    term *= (-x * x) / (n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

const clip = (x: number, low: number, high: number) => Math.min(high, Math.max(low, x));
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const softplus = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/** Constants of Klambauer et al. 2017, "Self-Normalizing Neural Networks". */
const seluAlpha = 1.6732632423543772;
const seluScale = 1.0507009873554805;

/** Every function by its definition in the ONNX specification, in float64. */
const formulas: [string, Activation, (x: number) => number][] = [
  ['Identity', { op: 'Identity' }, (x) => x],
  ['Relu', { op: 'Relu' }, (x) => Math.max(x, 0)],
  ['Sigmoid', { op: 'Sigmoid' }, sigmoid],
  [
    'HardSigmoid of Keras 1 and 2',
    { op: 'HardSigmoid', alpha: 0.2, beta: 0.5 },
    (x) => clip(0.2 * x + 0.5, 0, 1),
  ],
  ['HardSigmoid of Keras 3', { op: 'HardSigmoid', alpha: 1 / 6, beta: 0.5 }, (x) => clip(x + 3, 0, 6) / 6],
  ["HardSigmoid with ONNX' defaults", { op: 'HardSigmoid' }, (x) => clip(0.2 * x + 0.5, 0, 1)],
  ['Tanh', { op: 'Tanh' }, Math.tanh],
  ['Softplus', { op: 'Softplus' }, softplus],
  ['Softsign', { op: 'Softsign' }, (x) => x / (1 + Math.abs(x))],
  ['Elu', { op: 'Elu' }, (x) => (x < 0 ? Math.expm1(x) : x)],
  ['Elu with alpha', { op: 'Elu', alpha: 0.3 }, (x) => (x < 0 ? 0.3 * Math.expm1(x) : x)],
  ['Selu', { op: 'Selu' }, (x) => seluScale * (x < 0 ? seluAlpha * Math.expm1(x) : x)],
  ['Gelu', { op: 'Gelu' }, (x) => 0.5 * x * (1 + erf(x / Math.SQRT2))],
  ['Exp', { op: 'Exp' }, Math.exp],
  ['LeakyRelu', { op: 'LeakyRelu', alpha: 0.2 }, (x) => (x < 0 ? 0.2 * x : x)],
  ["LeakyRelu with ONNX' default", { op: 'LeakyRelu' }, (x) => (x < 0 ? 0.01 * x : x)],
  ['Clip', { op: 'Clip', alpha: 0, beta: 6 }, (x) => clip(x, 0, 6)],
  ['Affine', { op: 'Affine', alpha: 0.7, beta: -0.3 }, (x) => 0.7 * x - 0.3],
  ['ScaledTanh', { op: 'ScaledTanh', alpha: 1.5, beta: 0.6 }, (x) => 1.5 * Math.tanh(0.6 * x)],
  ['ThresholdedRelu', { op: 'ThresholdedRelu', alpha: 0.5 }, (x) => (x > 0.5 ? x : 0)],
  ["ThresholdedRelu with ONNX' default", { op: 'ThresholdedRelu' }, (x) => (x > 1 ? x : 0)],
  ['Swish', { op: 'Swish' }, (x) => x * sigmoid(x)],
  ['HardSwish', { op: 'HardSwish' }, (x) => (x * clip(x + 3, 0, 6)) / 6],
  ['Mish', { op: 'Mish' }, (x) => x * Math.tanh(softplus(x))],
  ['Shrink without bias', { op: 'Shrink', alpha: 0.5, beta: 0 }, (x) => (Math.abs(x) > 0.5 ? x : 0)],
  [
    'Shrink with bias',
    { op: 'Shrink', alpha: 0.5, beta: 0.5 },
    (x) => (x < -0.5 ? x + 0.5 : x > 0.5 ? x - 0.5 : 0),
  ],
  ['TanhShrink', { op: 'TanhShrink' }, (x) => x - Math.tanh(x)],
  ['LogSigmoid', { op: 'LogSigmoid' }, (x) => -softplus(-x)],
  ['Squareplus', { op: 'Squareplus' }, (x) => (x + Math.sqrt(x * x + 4)) / 2],
  ['SparsePlus', { op: 'SparsePlus' }, (x) => (x <= -1 ? 0 : x >= 1 ? x : (x + 1) ** 2 / 4)],
];

/** −9 to 9, with the corners of the piecewise functions. */
const grid = Float32Array.from({ length: 289 }, (_, i) => (i - 144) / 16);

for (const [name, activation, formula] of formulas) {
  test(`${name} follows its formula`, async () => {
    const node = { op: 'Activation', activation, inputs: ['x0'], outputs: ['y'], origin: 'a' } as const;
    const [{ data }] = await compute([node], [tensor([1, grid.length], grid)], ['y']);
    for (const [i, x] of grid.entries()) {
      const expected = formula(x);
      const off = Math.abs(data[i] - expected) / Math.max(1, Math.abs(expected));
      assert.ok(off <= 1e-6, `${name}(${x}) is ${data[i]}, expected ${expected}`);
    }
  });
}

test('the functions that are said to map 0 to 0 do, and no others', () => {
  const linear: (typeof formulas)[number] = ['Affine through 0', { op: 'Affine', alpha: 2 }, (x) => 2 * x];
  for (const [name, activation, formula] of [...formulas, linear])
    assert.equal(preservesZero(activation), formula(0) === 0, name);
});
