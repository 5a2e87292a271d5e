import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { recurrentForward } from '../../../extension/engine/reference/recurrent.ts';
import { acquireRuntime, type Runtime, releaseRuntime } from '../../../extension/engine/wasm/runtime.ts';
import { type Case, computeByKernels, computeByReference, dataOf, plainCase } from './recurrentCases.ts';

const kinds: Case['kind'][] = ['LSTM', 'GRU', 'resetAfter', 'RNN'];
const densities: Case['densities'][] = [
  [undefined, undefined],
  [0.3, 0.2],
  [undefined, 0.3],
  [0.5, undefined],
];

const variants: Partial<Case>[] = [
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 20, 33].map((batch) => ({ batch })),
  { batch: 1, units: 8 },
  { batch: 1, units: 8, inputs: 35, forwardOnly: true },
  { batch: 1, masked: true, initial: true, forwardOnly: true },
  { batch: 1, units: 8, masked: true, initial: true, reverse: true },
  {
    batch: 1,
    units: 12,
    inputs: 35,
    masked: true,
    zeroMaskedOutput: true,
    dropout: true,
    recurrentDropout: true,
  },
  { batch: 1, steps: 1, inputs: 1, units: 1 },
  { batch: 33, steps: 9, inputs: 17, units: 13, masked: true },
  { batch: 4, steps: 0 },
  { batch: 0 },
  { batch: 9, steps: 0, initial: true, zeroMaskedOutput: true, masked: true },
  { batch: 140, steps: 3 },
  { units: 1 },
  { units: 8, inputs: 8, batch: 8 },
  { inputs: 1, steps: 1 },
  { steps: 67, batch: 9 },
  { biases: 0 },
  { biases: 2 },
  { reverse: true },
  { masked: true },
  { masked: true, zeroMaskedOutput: true, reverse: true },
  { initial: true, masked: true, biases: 2 },
  { dropout: true },
  { recurrentDropout: true, initial: true },
  { dropout: true, recurrentDropout: true, masked: true, reverse: true, batch: 20 },
  { gate: { op: 'HardSigmoid', alpha: 0.2, beta: 0.5 } },
  { gate: { op: 'HardSigmoid', alpha: 1 / 6, beta: 0.5 }, activation: { op: 'Relu' } },
  { gate: { op: 'Tanh' }, activation: { op: 'Identity' } },
  { gate: { op: 'Relu' }, activation: { op: 'Sigmoid' } },
  { forwardOnly: true },
  { forwardOnly: true, masked: true, initial: true, batch: 9 },
  { densities: [0, 0] },
  { densities: [1, 1] },
];

const cases: Case[] = kinds.flatMap((kind) =>
  variants.flatMap((variant) =>
    (variant.densities ? [variant.densities] : densities).map((pair) => ({
      ...plainCase,
      ...variant,
      kind,
      densities: pair,
    })),
  ),
);

/** max|a − b| / max|b| */
function relativeError(found: ArrayLike<number>, expected: Float64Array): number {
  let difference = 0;
  let largest = 0;
  for (const [i, value] of expected.entries()) {
    const off = Math.abs(found[i] - value);
    difference = Number.isNaN(off) ? Number.POSITIVE_INFINITY : Math.max(difference, off);
    largest = Math.max(largest, Math.abs(value));
  }
  return difference === 0 ? 0 : difference / largest;
}

/** What the threads found, to be compared bit by bit. */
const foundBefore = new Map<string, ReturnType<typeof computeByKernels>>();

for (const build of ['relaxed', 'simd'] as const) {
  for (const threads of [1, 2, 3]) {
    describe(`recurrent kernels, ${build}, threads: ${threads}`, () => {
      let runtime: Runtime;
      before(async () => {
        runtime = await acquireRuntime({ build, threads, leastShared: 0 });
      });
      after(releaseRuntime);

      for (const kind of kinds) {
        test(`${kind}: outputs and gradients are those of the reference, with whatever else is asked`, () => {
          for (const line of cases.filter((one) => one.kind === kind)) {
            const what = JSON.stringify(line);
            const data = dataOf(line);
            const found = computeByKernels(line, data, runtime);
            const key = build + what;
            const known = foundBefore.get(key);
            if (known) assert.deepEqual(found, known, `differs from one thread: ${what}`);
            else foundBefore.set(key, found);
            if (threads > 1) continue;
            const expected = computeByReference(line, data, recurrentForward(data.problem));
            for (const [name, values] of Object.entries(expected)) {
              assert.equal(found[name]?.length, values.length, `${name} of ${what}`);
              const error = relativeError(found[name] as Float32Array, values);
              const tolerance = name.startsWith('d') ? 1e-4 : 1e-5;
              assert.ok(error < tolerance, `${name} is off by ${error}: ${what}`);
            }
          }
        });
      }
    });
  }
}
