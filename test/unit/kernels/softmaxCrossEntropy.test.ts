import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BatchLoss } from '../../../extension/engine/losses/batchLoss.ts';
import { acquireRuntime, releaseRuntime } from '../../../extension/engine/wasm/runtime.ts';
import type { Loss } from '../../../extension/model/loss.ts';
import { seeded } from '../../support/random.ts';
import { type Bench, type KernelCase, kernelTable, randomFloats } from './kernelTable.ts';

const next = seeded(17);

interface LossCase {
  readonly rows: number;
  readonly width: number;
  readonly logits: Float32Array;
  readonly targets: Float32Array | Int32Array;
  readonly mask: Float32Array | undefined;
}

function lossOf({ width, targets }: LossCase): Loss {
  const name = targets instanceof Int32Array ? 'sparse_categorical_crossentropy' : 'categorical_crossentropy';
  return { name, head: 'softmax', width, fromLogits: true };
}

/** The mean loss, then its gradient. */
function expected(one: LossCase): Float32Array {
  const gradient = new Float32Array(one.logits.length);
  const mean = new BatchLoss(lossOf(one), one.targets, one.mask).mean(one.logits, gradient);
  return Float32Array.of(mean, ...gradient);
}

function compute(bench: Bench, { rows, width, logits, targets, mask }: LossCase): Float32Array {
  const counts = Uint8Array.from({ length: rows }, (_, row) => (mask?.[row] === 0 ? 0 : 1));
  const count = counts.reduce((sum, counted) => sum + counted, 0);
  const sparse = targets instanceof Int32Array;
  const statistics = bench.room(3 * rows);
  const gradient = bench.room(rows * width);
  const inputs = [bench.put(logits), rows, width, bench.put(counts), bench.put(targets), Number(sparse)];
  bench.run('softmaxCrossEntropy', ...inputs, statistics, gradient, 1 / count);
  const facts = bench.doubles(statistics, 3 * rows);
  let sum = 0;
  for (const [r, counted] of counts.entries()) {
    if (counted) sum += facts[3 * r + 1] * Math.log(facts[3 * r]) + facts[3 * r + 2];
  }
  return Float32Array.of(sum / count, ...bench.floats(gradient, rows * width));
}

const cases: KernelCase[] = [];
for (const [rows, width] of [
  [1, 1],
  [1, 3],
  [5, 7],
  [13, 8],
  [33, 31],
  [7, 1000],
]) {
  for (const spread of [1, 20, 1e4]) {
    for (const kind of ['class', 'one-hot', 'soft'] as const) {
      for (const masked of [false, true]) {
        if (masked && rows === 1) continue;
        const ids = Int32Array.from({ length: rows }, () => Math.floor(next() * width));
        const soft = randomFloats(rows * width, next).map((value) => Math.abs(value) / width);
        const hot = new Float32Array(rows * width);
        for (const [r, id] of ids.entries()) hot[r * width + id] = 1;
        const one: LossCase = {
          rows,
          width,
          logits: randomFloats(rows * width, next).map((value) => value * spread),
          targets: { class: ids, 'one-hot': hot, soft }[kind],
          mask: masked ? Float32Array.from({ length: rows }, (_, r) => r % 2) : undefined,
        };
        cases.push({
          name: `${rows} rows of ${width}, ${kind}, logits to ±${spread}${masked ? ', masked' : ''}`,
          tolerance: 1e-6,
          // Probabilities are added to 1 before they are averaged.
          scale: kind === 'class' ? 0 : 1 / rows,
          expected: () => expected(one),
          compute: (bench) => compute(bench, one),
        });
      }
    }
  }
}
kernelTable('softmax cross-entropy', cases);

test('exponentials are within two units of the last place, 0 where they are no normal floats', async () => {
  for (const build of ['relaxed', 'simd'] as const) {
    const { memory, pool } = await acquireRuntime({ build });
    const count = 100_000;
    const x = memory.allocate(4 * count);
    const y = memory.allocate(4 * count);
    const values = memory.floats(x, count);
    for (let i = 0; i < count; i++) values[i] = (-87.33 * i) / (count - 1);
    pool.call('exponentials', x, count, y);
    let worst = 0;
    for (const [i, found] of memory.floats(y, count).entries()) {
      const exact = Math.exp(values[i]);
      worst = Math.max(worst, Math.abs(found - exact) / 2 ** (Math.floor(Math.log2(exact)) - 23));
    }
    assert.ok(worst < 2, `${worst} units`);
    values.set([0, -0, -87.4, -1e4, Number.NEGATIVE_INFINITY, Number.NaN, -1e-30, -3e38]);
    pool.call('exponentials', x, 8, y);
    assert.deepEqual([...memory.floats(y, 8)], [1, 1, 0, 0, 0, Number.NaN, 1, 0]);
    await releaseRuntime();
  }
});
