// Models of stock TensorFlow.js: our engine computes what it computes, and what we write it loads.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { openModel } from '../../extension/formats/open.ts';
import { evaluate } from '../../extension/jobs/evaluate.ts';
import { recordedContext } from '../support/jobContext.ts';
import { runNode, scratchFolder, shared, withoutShared } from './environment.ts';
import { forward, largestDifference } from './forward.ts';
import { type PackedArray, packed, unpacked } from './packedArray.ts';
import { removeLayers } from './removeLayers.ts';
import { shrinkFile } from './shrinkFile.ts';
import type { StockJob, StockJudgement } from './tfjs/judge.ts';

interface StockResult {
  readonly name: string;
  readonly loss: number;
  readonly inputs: readonly PackedArray[];
  readonly outputs: readonly PackedArray[];
}

const { folder, remove } = await scratchFolder();
after(remove);
await runNode('tfjs/makeModels.ts', [folder]);
const cases = JSON.parse(await readFile(join(folder, 'cases.json'), 'utf8')) as StockResult[];
const modelOf = (name: string) => join(folder, name, 'model.json');

async function judged(jobs: readonly StockJob[]): Promise<StockJudgement[]> {
  const path = join(folder, 'jobs.json');
  await writeFile(path, JSON.stringify(jobs));
  return JSON.parse(await runNode('tfjs/judge.ts', [path])) as StockJudgement[];
}

function near(found: PackedArray, expected: PackedArray, what: string): void {
  const [a, b] = [unpacked(found), unpacked(expected)];
  assert.deepEqual(a.shape, b.shape);
  const worst = largestDifference(a, b);
  assert.ok(worst <= 1e-5, `${what}: largest difference ${worst}`);
}

describe('layers models of stock TensorFlow.js', () => {
  for (const { name, loss, inputs, outputs } of cases) {
    test(`${name}: its outputs and its loss`, async () => {
      const [ours] = await forward(modelOf(name), inputs.map(unpacked));
      near(packed(ours), outputs[0], 'outputs');
      const data = {
        data: join(folder, `${name}.npz`),
        x: inputs.map((_, i) => `x${i}`).join(),
        y: 'y',
        split: 'all' as const,
      };
      const report = await evaluate({ path: modelOf(name), data }, recordedContext());
      const off = Math.abs(report.loss - loss) / Math.abs(loss);
      assert.ok(off <= 1e-5, `loss ${report.loss} (${report.lossName}), TensorFlow.js ${loss}`);
    });
  }
});

describe('models that are written', () => {
  for (const { name, inputs } of cases) {
    test(`${name}: loads when pruned, with as many zeros, and computes what ours does`, async () => {
      const written = join(folder, `${name}.pruned`);
      const zeros = new Map<string, number>();
      const model = await openModel(modelOf(name));
      try {
        for (const parameter of model.parameters) {
          const values = await parameter.read();
          parameter.mask = Uint8Array.from(values, (_, i) => (i % 3 === 0 ? 0 : 1));
          const count = values.filter((value, i) => value === 0 || i % 3 === 0).length;
          zeros.set((parameter as unknown as { dataset: string }).dataset, count);
        }
        await model.save(written, { compress: false });
      } finally {
        await model.close();
      }
      const [ours] = await forward(written, inputs.map(unpacked));
      const [theirs] = await judged([{ path: join(written, 'model.json'), inputs }]);
      near(packed(ours), theirs.outputs[0], 'outputs');
      assert.deepEqual(theirs.zeros, Object.fromEntries(zeros));
    });

    test(`${name}: computes without half of its units what it computes with them masked`, async () => {
      const { files } = await shrinkFile(modelOf(name));
      assert.ok(files);
      const [masked, shrunk] = await judged([files.masked, files.shrunk].map((path) => ({ path, inputs })));
      near(shrunk.outputs[0], masked.outputs[0], 'outputs');
    });
  }

  test('are trained on: with the optimizer’s state where it still fits, else from the start', async () => {
    const { inputs, outputs } = cases.find(({ name }) => name === 'stack') as StockResult;
    const [, width] = outputs[0].shape;
    const targets = packed({
      shape: outputs[0].shape,
      data: Float32Array.from({ length: 3 * width }, (_, i) => (i % (width + 1) === 0 ? 1 : 0)),
    });
    const { files } = await shrinkFile(modelOf('stack'), 'readers');
    assert.ok(files);
    const paths = [modelOf('stack'), files.masked, files.shrunk];
    const found = await judged(paths.map((path) => ({ path, inputs, targets })));
    assert.deepEqual(
      found.map(({ training }) => training?.steps),
      [1, 1, 0],
    );
    for (const { training } of found) {
      // Dropout makes them rise as well as fall.
      const [loss, again] = training?.losses ?? [];
      assert.ok(Number.isFinite(loss) && Number.isFinite(again) && loss !== again, `${loss}, then ${again}`);
    }
  });

  test('a stack loads without one of its layers', async () => {
    const { inputs } = cases.find(({ name }) => name === 'thick') as StockResult;
    const written = await removeLayers(modelOf('thick'), ['lstm_middle']);
    const [ours] = await forward(written, inputs.map(unpacked));
    const [theirs] = await judged([{ path: join(written, 'model.json'), inputs }]);
    near(packed(ours), theirs.outputs[0], 'outputs');
    assert.ok(!Object.keys(theirs.zeros).some((weight) => weight.startsWith('lstm_middle/')));
  });
});

test('the text generator computes what TensorFlow.js computes', { skip: withoutShared }, async () => {
  const path = join(shared, 'models/tfjs-lstm-textgen/model.json');
  const data = Float32Array.from({ length: 40 * 57 }, (_, i) => (i % 57 === (i * 7) % 40 ? 1 : 0));
  const inputs = [packed({ shape: [1, 40, 57], data })];
  const [ours] = await forward(path, inputs.map(unpacked));
  const [theirs] = await judged([{ path, inputs }]);
  near(packed(ours), theirs.outputs[0], 'outputs');
});
