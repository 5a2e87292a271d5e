import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { after, describe, test } from 'node:test';
import { openModel } from '../../../extension/formats/open.ts';
import type { Model, SaveOptions } from '../../../extension/model/model.ts';
import { readMasked } from '../../../extension/model/parameter.ts';
import { solveShrinking } from '../../../extension/pruning/units/shrink.ts';
import { unitSetsOf } from '../../../extension/pruning/units/unitSets.ts';
import { maskHalf } from '../../support/maskUnits.ts';
import { seeded } from '../../support/random.ts';
import {
  floatWeights,
  quantizedTfjs,
  smallTfjs,
  type TfjsModel,
  writeTfjs,
} from '../../support/tfjsModel.ts';
import { assertRefuses } from '../../support/throwsCode.ts';
import { withModel } from './open.ts';

const folder = mkdtempSync(join(tmpdir(), 'lstm-pruner-test-'));
after(() => rmSync(folder, { recursive: true, force: true }));
let count = 0;
const write = (model: TfjsModel) => writeTfjs(join(folder, String(count++)), model);

/** Saves a model after a change, and gives back the folder that was written. */
async function saved(
  path: string,
  change: (model: Model) => unknown,
  options: Partial<SaveOptions> = {},
): Promise<string> {
  const target = join(folder, `out${count++}`);
  await withModel(path, async (model) => {
    await change(model);
    await model.save(target, { compress: false, ...options });
  });
  return target;
}

/** Bytes of all files below a folder by their paths. */
function contentsOf(where: string): Record<string, Buffer> {
  const files = readdirSync(where, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const paths = files.map(({ parentPath, name }) => join(parentPath, name));
  return Object.fromEntries(paths.map((path) => [relative(where, path), readFileSync(path)]));
}

function manifestOf(
  where: string,
): { paths: string[]; weights: { name: string; shape: number[]; quantization?: { min: number } }[] }[] {
  return JSON.parse(readFileSync(join(where, 'model.json'), 'utf8')).weightsManifest;
}

async function maskKernel({ parameters }: Model): Promise<void> {
  const kernel = parameters.find(({ name }) => name === 'lstm/kernel');
  assert.ok(kernel);
  const values = await kernel.read();
  kernel.mask = Uint8Array.from(values, (_, i) => (i % 4 === 0 ? 0 : 1));
}

async function shrinkHalf(path: string): Promise<string> {
  const target = join(folder, `out${count++}`);
  await withModel(path, async (model) => {
    maskHalf(unitSetsOf(model), seeded(3));
    const { shrinking } = await solveShrinking(model, readMasked);
    assert.ok(shrinking);
    await model.save(target, { compress: false, shrink: shrinking });
  });
  return target;
}

describe('a TensorFlow.js model that is saved', () => {
  const variants: Record<string, Partial<TfjsModel>> = {
    'in one file a group': {},
    'cut within numbers': { shardBytes: 33 },
    'with line breaks': { indent: 2 },
    'in folders of its own, under other names': { paths: [['weights/a.bin'], ['weights/more/b']] },
    'with bytes behind its weights': { trailing: Buffer.from('more') },
    'with texts among its weights': {
      groups: [
        ...smallTfjs().groups,
        [
          {
            name: 'words',
            shape: [2],
            dtype: 'string',
            bytes: Buffer.from('\x02\0\0\0ab\0\0\0\0', 'latin1'),
          },
          { name: 'ids', shape: [2], dtype: 'int32', bytes: Buffer.alloc(8, 1) },
        ],
      ],
    },
  };
  for (const [title, changes] of Object.entries(variants)) {
    test(`${title}: keeps every byte where nothing changes`, async () => {
      const path = write(smallTfjs(1, changes));
      assert.deepEqual(contentsOf(await saved(path, () => {})), contentsOf(dirname(path)));
    });

    test(`${title}: has zeros where they are masked, and every other byte as it was`, async () => {
      const path = write(smallTfjs(1, changes));
      const target = await saved(path, maskKernel);
      const [was, is] = [contentsOf(dirname(path)), contentsOf(target)];
      assert.deepEqual(Object.keys(is).sort(), Object.keys(was).sort());
      assert.deepEqual(is['model.json'], was['model.json']);
      await withModel(target, async (after) => {
        await withModel(path, async (before) => {
          for (const [i, parameter] of before.parameters.entries()) {
            const values = await parameter.read();
            const expected =
              parameter.name === 'lstm/kernel'
                ? values.map((value, at) => (at % 4 === 0 ? 0 : value))
                : values;
            assert.deepEqual(await after.parameters[i].read(), expected);
          }
        });
      });
      if (title.startsWith('with texts'))
        assert.deepEqual(is['group3-shard1of1.bin'], was['group3-shard1of1.bin']);
    });
  }

  test('has the trained values', async () => {
    const target = await saved(write(smallTfjs(1, { shardBytes: 50 })), async ({ parameters: [kernel] }) => {
      kernel.trained = (await kernel.read()).map((value) => value + 1);
      kernel.mask = new Uint8Array(60).fill(1, 10);
    });
    const before = await openModel(write(smallTfjs()));
    const expected = (await before.parameters[0].read()).map((value, i) => (i < 10 ? 0 : value + 1));
    await withModel(target, async ({ parameters: [kernel] }) =>
      assert.deepEqual(await kernel.read(), expected),
    );
    await before.close();
  });

  test('does not take values that are not finite', async () => {
    const path = write(smallTfjs());
    await assertRefuses(
      () =>
        saved(path, ({ parameters: [kernel] }) => {
          kernel.trained = new Float32Array(60).fill(Number.POSITIVE_INFINITY);
        }),
      'trainedNotFinite',
    );
  });

  test('without units says their number in its configuration and its manifest, and in nothing else', async () => {
    const path = write(smallTfjs(1, { indent: 1 }));
    const target = await shrinkHalf(path);
    const [before, after] = [path, join(target, 'model.json')].map((file) =>
      readFileSync(file, 'utf8').split('\n'),
    );
    const changed = before.flatMap((line, i) =>
      line === after[i] ? [] : [`${line.trim()} → ${after[i].trim()}`],
    );
    assert.deepEqual(changed, [
      '"units": 5, → "units": 3,',
      '20 → 12',
      '5, → 3,',
      '20 → 12',
      '20 → 12',
      '5, → 3,',
    ]);
    await withModel(target, ({ layers: [lstm], graph }) => {
      assert.equal(lstm.hiddenSize, 3);
      assert.ok(graph);
    });
  });

  test('without units is cut into files of the size that they had, counted anew', async () => {
    const path = write(smallTfjs(1, { shardBytes: 100 }));
    const target = await shrinkHalf(path);
    const [{ paths }] = manifestOf(target);
    // 3·12 + 3·12 + 12 float32 values in files of 100 bytes.
    assert.deepEqual(paths, [
      'group1-shard1of4.bin',
      'group1-shard2of4.bin',
      'group1-shard3of4.bin',
      'group1-shard4of4.bin',
    ]);
    assert.deepEqual(
      paths.map((name) => contentsOf(target)[name].length),
      [100, 100, 100, 36],
    );
    assert.equal(Object.keys(contentsOf(target)).length, 4 + 1 + 1);
  });

  test('without units keeps names that count nothing, and leaves out those that are no longer needed', async () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    const path = write(smallTfjs(1, { shardBytes: 100, paths: [names, ['z']] }));
    const target = await shrinkHalf(path);
    assert.deepEqual(
      manifestOf(target).map(({ paths }) => paths),
      [['a', 'b', 'c', 'd'], ['z']],
    );
    assert.deepEqual(Object.keys(contentsOf(target)).sort(), ['a', 'b', 'c', 'd', 'model.json', 'z']);
  });

  test('without units leaves the state of the optimizer out', async () => {
    const small = smallTfjs();
    const moment = { ...floatWeights(9)('lstm/kernel/m', 3, 20), group: 'optimizer' };
    const path = write({ ...small, groups: [[...small.groups[0], moment], small.groups[1]] });
    const target = await shrinkHalf(path);
    assert.ok(!readFileSync(join(target, 'model.json'), 'utf8').includes('lstm/kernel/m'));
    await withModel(target, ({ hasOptimizerState }) => assert.equal(hasOptimizerState, false));
  });

  test('cannot be compressed, and says so before any work', async () => {
    await withModel(write(smallTfjs()), (model) =>
      assertRefuses(() => model.checkRebuild('compress'), 'compressUnsupported'),
    );
  });
});

describe('quantised weights that are pruned', () => {
  const scale = 0.1;
  for (const dtype of ['uint8', 'uint16'] as const) {
    test(`stay ${dtype} where one of its values stands for 0`, async () => {
      const target = await saved(write(quantizedTfjs(-(40 * scale), dtype)), maskKernel);
      const [[group]] = [manifestOf(target)];
      assert.equal(group.weights[0].quantization?.min, -(40 * scale));
      const bytes = contentsOf(target)['group1-shard1of1.bin'];
      const stored =
        dtype === 'uint8'
          ? bytes.subarray(0, 60)
          : new Uint16Array(Uint8Array.from(bytes.subarray(0, 120)).buffer);
      assert.deepEqual(
        [...stored],
        Array.from({ length: 60 }, (_, i) => (i % 4 === 0 ? 40 : 4 * i + 1)),
      );
    });
  }

  test('get a min with which TensorFlow.js computes exactly 0, where a converter had rounded it', async () => {
    const rounded = Math.fround(-(39 * scale));
    assert.notEqual(39 * scale + rounded, 0);
    const target = await saved(write(quantizedTfjs(rounded)), maskKernel);
    const min = manifestOf(target)[0].weights[0].quantization?.min;
    assert.equal(39 * scale + Number(min), 0);
    const bytes = contentsOf(target)['group1-shard1of1.bin'];
    assert.deepEqual([...bytes.subarray(0, 8)], [39, 5, 9, 13, 39, 21, 25, 29]);
  });

  test('become float32 where none of their values stands for 0, and what is not pruned stays', async () => {
    const path = write(quantizedTfjs(-3.95));
    await withModel(path, async (model) => {
      assert.deepEqual(model.writingNotes?.(), []);
      await maskKernel(model);
      assert.deepEqual(model.writingNotes?.(), [
        { code: 'noteStoredAsFloat', args: { parameters: ['lstm/kernel'] } },
      ]);
    });
    assert.deepEqual(contentsOf(await saved(path, () => {})), contentsOf(dirname(path)));
    const target = await saved(path, maskKernel);
    const [{ weights }] = manifestOf(target);
    assert.deepEqual(weights[0], { name: 'lstm/kernel', shape: [3, 20], dtype: 'float32' });
    await withModel(target, async ({ parameters: [kernel] }) => {
      const expected = Array.from({ length: 60 }, (_, i) =>
        i % 4 === 0 ? 0 : Math.fround((4 * i + 1) * scale - 3.95),
      );
      assert.deepEqual([...(await kernel.read())], expected);
    });
  });
});
