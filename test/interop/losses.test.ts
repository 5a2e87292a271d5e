import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openNpz } from '../../extension/data/npz.ts';
import { trainingConfiguration } from '../../extension/formats/keras/training.ts';
import type { HeadKind } from '../../extension/model/loss.ts';
import type { Tensor } from '../../extension/model/tensor.ts';
import { chooseLoss } from '../../extension/training/losses/choose.ts';
import { Meter } from '../../extension/training/meter.ts';
import { runPython, scratchFolder } from './environment.ts';

/** What losses.py prints of a case. */
interface Case {
  readonly name: string;
  readonly head: HeadKind;
  readonly config: unknown;
  readonly loss: number;
  readonly metric: number;
}

let folder: string;
let remove: () => Promise<void>;
let cases: Case[];

before(async () => {
  ({ folder, remove } = await scratchFolder());
  const files = ['cases.npz', 'arrays.npz'].map((name) => join(folder, name));
  cases = JSON.parse(await runPython('losses.py', files)) as Case[];
});
after(() => remove());

test('every loss and its metric are Keras’ own, masked or not', async () => {
  const file = join(folder, 'cases.npz');
  const arrays = await openNpz(file);
  const read = (name: string) => arrays.get(name)?.read();
  assert.ok(cases.length > 50, String(cases.length));
  for (const [i, { name, head, config, loss, metric }] of cases.entries()) {
    const outputs = (await read(`${i}_outputs`)) as Tensor;
    const targets = (await read(`${i}_targets`)) as Tensor;
    const training = trainingConfiguration({ loss: config });
    const choice = chooseLoss({ training, output: { kind: head, shape: outputs.shape }, targets, file });
    const meter = new Meter(choice.loss);
    meter.add(outputs, targets, await read(`${i}_mask`));
    const result = meter.result();
    const what = `${i}: ${JSON.stringify(training)} of a ${head} head`;
    assert.equal(result.lossName, name);
    // Keras computes in float32; the clipped logarithms lose the most there.
    assertNear(result.loss, loss, 2e-6, what);
    assertNear(result.metrics.accuracy ?? result.metrics.meanAbsoluteError, metric, 1e-6, what);
  }
});

test('arrays that NumPy wrote in any type and order hold the same numbers', async () => {
  const arrays = await openNpz(join(folder, 'arrays.npz'));
  assert.equal(arrays.size, 44);
  const expected = Array.from({ length: 24 }, (_, i) => i);
  for (const [name, array] of arrays) {
    assert.deepEqual(array.shape, [2, 3, 4], name);
    assert.deepEqual([...(await array.read()).data], expected, name);
  }
});

function assertNear(actual: number | undefined, expected: number, relative: number, what: string): void {
  const close = Math.abs((actual ?? Number.NaN) - expected) <= relative * Math.max(1, Math.abs(expected));
  assert.ok(close, `${what}: ${actual} is not Keras' ${expected}`);
}
