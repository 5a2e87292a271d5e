// What an untrained model begins with, beside what real Keras' layers begin with by default: the same families, not the same draws.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { openModel } from '../../extension/formats/open.ts';
import { freshWeights } from '../../extension/model/freshWeights.ts';
import { runPython, scratchFolder } from './environment.ts';

interface Weights {
  readonly shape: readonly number[];
  readonly keras: Float32Array;
  readonly ours: Float32Array;
}

/** Weights that are numbers from the start. */
const constants = [
  ...['lstm', 'bidirectional/forward', 'bidirectional/backward', 'gru', 'rnn', 'distributed', 'dense'].map(
    (layer) => `${layer}/bias`,
  ),
  ...['gamma', 'beta', 'moving_mean', 'moving_variance'].map((name) => `batch/${name}`),
  ...['layer/gamma', 'layer/beta', 'dot/scale'],
];
const uniform = [
  'embedding/embeddings',
  ...['lstm', 'bidirectional/forward', 'bidirectional/backward', 'gru', 'rnn', 'distributed', 'dense'].map(
    (layer) => `${layer}/kernel`,
  ),
  'additive/scale',
];
const orthogonal = ['lstm', 'bidirectional/forward', 'bidirectional/backward', 'gru', 'rnn'].map(
  (layer) => `${layer}/recurrent_kernel`,
);

describe('what fresh weights are drawn from is what Keras draws from', () => {
  const weights = new Map<string, Weights>();
  let remove = async () => {};

  before(async () => {
    const scratch = await scratchFolder();
    remove = scratch.remove;
    const file = join(scratch.folder, 'fresh.keras');
    await runPython('initialWeights.py', [file]);
    const model = await openModel(file);
    try {
      assert.ok(model.graph, JSON.stringify(model.notEvaluable));
      for (const [parameter, ours] of await freshWeights(model.graph, 3))
        weights.set(parameter.name, { shape: parameter.shape, keras: await parameter.read(), ours });
      assert.equal(weights.size, model.parameters.length);
    } finally {
      await model.close();
    }
  });
  after(() => remove());

  const of = (name: string): Weights => {
    const found = weights.get(name);
    assert.ok(found, `${name} is not among ${[...weights.keys()]}`);
    return found;
  };

  test('for every kind of weight that a model can have', () => {
    assert.deepEqual([...weights.keys()].sort(), [...constants, ...uniform, ...orthogonal].sort());
  });

  for (const name of constants)
    test(`${name} has the same numbers`, () => {
      const { keras, ours } = of(name);
      assert.deepEqual(ours, keras);
    });

  test('an LSTM remembers at first: the bias of its forget gate is 1', () => {
    const { keras, ours } = of('lstm/bias');
    for (const bias of [keras, ours])
      assert.deepEqual(
        [0, 1, 2, 3].map((gate) => bias[gate * 96]),
        [0, 1, 0, 0],
      );
  });

  for (const name of uniform)
    test(`${name} lies within the same bounds, evenly`, () => {
      const { keras, ours } = of(name);
      const [theirs, own] = [keras, ours].map((values) =>
        values.reduce((most, w) => Math.max(most, Math.abs(w)), 0),
      );
      // The largest of n is within 10 / n of the bound, but once in 20,000 times.
      assert.ok(Math.abs(own / theirs - 1) < 10 / keras.length, `${own}, not ${theirs}`);
      assertSameDistribution(ours, keras);
    });

  for (const name of orthogonal)
    test(`${name} has orthonormal rows over all gates, in any direction`, () => {
      const { shape, keras, ours } = of(name);
      for (const matrix of [keras, ours]) assert.ok(awayFromIdentity(matrix, shape) < 1e-5);
      assertSameDistribution(ours, keras);
    });
});

/** The largest entry of W·Wᵀ − I. */
function awayFromIdentity(matrix: Float32Array, [rows, columns]: readonly number[]): number {
  let most = 0;
  for (let a = 0; a < rows; a++)
    for (let b = 0; b <= a; b++) {
      let product = a === b ? -1 : 0;
      for (let c = 0; c < columns; c++) product += matrix[a * columns + c] * matrix[b * columns + c];
      most = Math.max(most, Math.abs(product));
    }
  return most;
}

/** By Kolmogorov and Smirnov's test of two samples, which rejects equals once in 1000 times, and by the standard deviation. */
function assertSameDistribution(a: Float32Array, b: Float32Array): void {
  const n = a.length;
  const distance = largestStep(a.toSorted(), b.toSorted());
  assert.ok(distance < 1.95 * Math.sqrt(2 / n), `Their distributions are ${distance} apart`);
  // Of n values it is known to 1/√(2n) of itself at most.
  const ratio = deviation(a) / deviation(b);
  assert.ok(
    Math.abs(ratio - 1) < 4 / Math.sqrt(n),
    `Their standard deviations differ by a factor of ${ratio}`,
  );
}

/** The largest distance between the shares of two sorted samples of one size that lie below a value. */
function largestStep(a: Float32Array, b: Float32Array): number {
  let [i, j, most] = [0, 0, 0];
  while (i < a.length && j < b.length) {
    if (a[i] <= b[j]) i++;
    else j++;
    most = Math.max(most, Math.abs(i - j));
  }
  return most / a.length;
}

function deviation(values: Float32Array): number {
  const mean = values.reduce((sum, w) => sum + w, 0) / values.length;
  return Math.sqrt(values.reduce((sum, w) => sum + (w - mean) ** 2, 0) / values.length);
}
