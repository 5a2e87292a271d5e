import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  clipFactor,
  momentCount,
  penalise,
  stepSize,
  update,
} from '../../../extension/engine/reference/optimizer.ts';
import type { OptimizerSettings } from '../../../extension/model/optimizer.ts';
import { seeded } from '../../support/random.ts';
import { type Bench, kernelTable, randomFloats } from './kernelTable.ts';

const optimizers: OptimizerSettings[] = [
  { name: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
  { name: 'sgd', momentum: 0, nesterov: false },
  { name: 'sgd', momentum: 0.9, nesterov: false },
  { name: 'sgd', momentum: 0.9, nesterov: true },
  { name: 'rmsprop', rho: 0.9, momentum: 0, epsilon: 1e-7 },
  { name: 'rmsprop', rho: 0.9, momentum: 0.5, epsilon: 1e-7 },
];
const sizes = [1, 3, 4, 5, 13, 31, 33, 100];
const [l1, l2, scale, learningRate, iteration] = [0.01, 0.02, 0.7, 0.05, 3];

const next = seeded(13);
/** What one update starts from. Masked weights and moments are not 0, nor are their gradients numbers. */
const states = sizes.map((size) => {
  const mask = Uint8Array.from({ length: size }, () => (next() < 0.3 ? 0 : 1));
  const gradient = randomFloats(size, next).map((value, i) => (mask[i] === 0 ? Number.NaN : value));
  const values = randomFloats(size, next).map((value, i) => (i % 7 === 0 ? -0 : value));
  const moments = [0, 1].map(() => randomFloats(size, next).map(Math.abs));
  return { size, mask, gradient, values, moments };
});
type State = (typeof states)[number];

/** The reference keeps zeros; whatever is masked is one before. */
function expected(settings: OptimizerSettings, { mask, gradient, values, moments }: State, masked: boolean) {
  const held = (array: Float32Array) => array.map((value, i) => (masked && mask[i] === 0 ? 0 : value));
  const arrays = {
    values: held(values),
    gradient: masked ? gradient.slice() : gradient.map((value) => value || 0),
    moments: moments.slice(0, momentCount(settings)).map(held),
  };
  penalise(arrays.gradient, arrays.values, masked ? mask : undefined, l1, l2);
  update(settings, arrays, stepSize(settings, learningRate, iteration), scale);
  return Float32Array.from([...arrays.values, ...arrays.moments.flatMap((moment) => [...moment])]);
}

function compute(bench: Bench, settings: OptimizerSettings, state: State, masked: boolean): Float32Array {
  const { size, mask, gradient, values, moments } = state;
  const w = bench.put(values);
  const g = bench.put(masked ? gradient : gradient.map((value) => value || 0));
  const own = moments.slice(0, momentCount(settings)).map((moment) => bench.put(moment));
  const factors = [l1, 2 * l2, scale, stepSize(settings, learningRate, iteration)];
  const places = [w, g, masked ? bench.put(mask) : 0];
  if (settings.name === 'adam') {
    const { beta1, beta2, epsilon } = settings;
    bench.run('adam', ...places, ...own, size, ...factors, beta1, 1 - beta1, beta2, 1 - beta2, epsilon);
  } else if (settings.name === 'sgd') {
    const { momentum, nesterov } = settings;
    bench.run('sgd', ...places, own[0] ?? 0, size, ...factors, momentum, Number(nesterov));
  } else {
    const { rho, momentum, epsilon } = settings;
    const rest = [rho, 1 - rho, momentum, epsilon];
    bench.run('rmsprop', ...places, own[0], own[1] ?? 0, size, ...factors, ...rest);
  }
  return Float32Array.from([w, ...own].flatMap((pointer) => [...bench.floats(pointer, size)]));
}

kernelTable(
  'updates',
  optimizers.flatMap((settings) =>
    states.flatMap((state) =>
      [false, true].map((masked) => ({
        name: `${JSON.stringify(settings)} of ${state.size}${masked ? ', masked' : ''}`,
        tolerance: 1e-6,
        expected: () => expected(settings, state, masked),
        compute: (bench: Bench) => {
          const found = compute(bench, settings, state, masked);
          // Positive zeros, whatever there was.
          if (masked) {
            const off = found.filter((_, i) => state.mask[i % state.size] === 0);
            assert.ok(off.every((value) => Object.is(value, 0)));
          }
          return found;
        },
      })),
    ),
  ),
);

kernelTable(
  'squared norms',
  [1, 3, 4095, 4096, 4097, 20_001].map((size) => {
    const mask = Uint8Array.from({ length: size }, (_, i) => (i % 3 === 1 ? 0 : 1));
    const values = randomFloats(size, next);
    const gradient = randomFloats(size, next).map((value, i) => (mask[i] === 0 ? Number.NaN : value));
    return {
      name: `of ${size} values`,
      tolerance: 1e-6,
      expected: () => Float32Array.of(penalise(gradient.slice(), values, mask, l1, l2)),
      compute: (bench) => {
        const chunks = Math.ceil(size / 4096);
        const sums = bench.room(chunks);
        const places = [bench.put(values), bench.put(gradient), bench.put(mask)];
        bench.run('squares', ...places, size, l1, 2 * l2, sums);
        return Float32Array.of(bench.doubles(sums, chunks).reduce((sum, part) => sum + part, 0));
      },
    };
  }),
);

test('a norm that is small enough, or no number, is not clipped', () => {
  assert.equal(clipFactor(4, 2), 1);
  assert.equal(clipFactor(16, 2), 0.5);
  assert.equal(clipFactor(Number.NaN, 2), 1);
  assert.equal(clipFactor(16, undefined), 1);
});
