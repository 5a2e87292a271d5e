import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { matMul } from '../../../extension/engine/reference/matMul.ts';
import { acquireRuntime, type Runtime, releaseRuntime } from '../../../extension/engine/wasm/runtime.ts';
import {
  sparseMultiply,
  sparseMultiplyTransposed,
  sparseWeightGradient,
} from '../../../extension/engine/wasm/sparseMatMul.ts';
import { SparseStructure } from '../../../extension/engine/wasm/sparseStructure.ts';
import { randomFloats, seeded } from '../../support/random.ts';

/** m, in, out, share of the kept weights */
const sizes: readonly (readonly [number, number, number, number])[] = [
  [1, 1, 1, 1],
  [3, 5, 7, 0.4],
  [4, 8, 8, 0.5],
  [33, 17, 9, 0.2],
  [70, 13, 31, 0.1],
  [600, 21, 19, 0.3],
  [5, 6, 4, 0],
  [0, 6, 4, 0.5],
];

const foundBefore = new Map<string, Float32Array[]>();

for (const build of ['relaxed', 'simd'] as const) {
  for (const threads of [1, 2, 3]) {
    describe(`sparse products, ${build}, threads: ${threads}`, () => {
      let runtime: Runtime;
      before(async () => {
        runtime = await acquireRuntime({ build, threads, leastShared: 0 });
      });
      after(releaseRuntime);

      for (const [m, inputs, outputs, density] of sizes) {
        test(`x [${m}, ${inputs}] · W [${inputs}, ${outputs}], ${density} kept, and its gradients`, () => {
          const { memory } = runtime;
          const next = seeded(m + inputs + outputs);
          const blocks: number[] = [];
          const put = (values: Float32Array) => {
            const pointer = memory.allocate(values.byteLength);
            blocks.push(pointer);
            memory.floats(pointer, values.length).set(values);
            return pointer;
          };
          const kept = Uint8Array.from({ length: inputs * outputs }, () => (next() < density ? 1 : 0));
          const weight = randomFloats(kept.length, next).map((value, i) => value * kept[i]);
          const [x, dy] = [randomFloats(m * inputs, next), randomFloats(m * outputs, next)];
          const [bias, inputBias] = [randomFloats(outputs, next), randomFloats(inputs, next)];
          const structure = new SparseStructure(inputs, outputs, kept, memory);
          const values = new Float32Array(structure.nonzero);
          structure.compress(weight, values);
          const product = { m, structure, values: put(values) };
          const places = { x: put(x), dy: put(dy), bias: put(bias), inputBias: put(inputBias) };
          const y = put(new Float32Array(m * outputs).fill(Number.NaN));
          const dx = put(new Float32Array(m * inputs).fill(Number.NaN));
          const dw = put(new Float32Array(structure.nonzero).fill(Number.NaN));
          sparseMultiply(product, places.x, places.bias, y);
          sparseMultiplyTransposed(product, places.dy, places.inputBias, dx);
          sparseWeightGradient(m, structure, places.x, places.dy, dw);
          const found = [
            memory.floats(y, m * outputs).slice(),
            memory.floats(dx, m * inputs).slice(),
            structure.expand(memory.floats(dw, structure.nonzero)),
          ];
          for (const pointer of blocks) memory.free(pointer);
          structure.dispose();
          assert.equal(memory.liveBlocks, 0);
          const expected = [
            matMul({ m, n: outputs, k: inputs }, x, false, weight, false, bias),
            matMul({ m, n: inputs, k: outputs }, dy, false, weight, true, inputBias),
            matMul({ m: inputs, n: outputs, k: m }, x, true, dy, false).map((value, i) => value * kept[i]),
          ];
          for (const [i, values] of expected.entries()) {
            const largest = values.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
            for (const [j, value] of values.entries()) {
              assert.ok(Math.abs(found[i][j] - value) <= 1e-5 * largest, `result ${i}, value ${j}`);
            }
          }
          const key = `${build} ${m} ${inputs} ${outputs}`;
          const known = foundBefore.get(key);
          if (known) assert.deepEqual(found, known, 'differs from one thread');
          foundBefore.set(key, found);
        });
      }
    });
  }
}
