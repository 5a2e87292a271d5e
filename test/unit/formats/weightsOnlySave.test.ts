// Files that hold weights alone, written again.
import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { describe, test } from 'node:test';
import { freeOutputName } from '../../../extension/formats/outputName.ts';
import { inspectModel } from '../../../extension/inspection/inspectModel.ts';
import { scratchFiles } from '../../support/scratch.ts';
import { smallArchive, smallLegacy } from '../../support/smallModels.ts';
import { assertRefuses } from '../../support/throwsCode.ts';
import { contentOf } from './content.ts';
import { weight, withModel } from './open.ts';
import { arrays, listed, tree } from './weightFiles.ts';

const write = scratchFiles();

function free(name: string): string {
  const path = write(name, '');
  rmSync(path);
  return path;
}

const files: [string, () => Promise<string>][] = [
  ['a list of layers', () => listed(smallLegacy().layers)],
  ['layers over cuDNN', () => listed([{ name: 'c', weights: arrays('c/', 4, 3, 16) }])],
  ['a tree of layers', () => tree(smallArchive().groups)],
];
for (const [name, make] of files) {
  describe(`a file of weights with ${name}`, () => {
    test('says why it cannot be computed, and of no unit that it is dead', async () => {
      await withModel(await make(), async (model) => {
        assert.equal(model.graph, undefined);
        assert.deepEqual(model.notEvaluable?.cause, { code: 'reasonWeightsOnly', args: {} });
        for (const parameter of model.parameters)
          parameter.mask = new Uint8Array(parameter.shape.reduce((a, b) => a * b));
        const target = free('zero.h5');
        await model.save(target, { compress: false });
        const { layers, sparsity } = await withModel(target, (zero) => inspectModel(zero));
        assert.equal(sparsity, 1);
        for (const { deadUnits } of layers) assert.deepEqual(deadUnits, []);
      });
    });

    test('is saved unchanged byte by byte', async () => {
      const path = await make();
      const target = free('same.h5');
      await withModel(path, (model) => model.save(target, { compress: false }));
      assert.deepEqual(readFileSync(target), readFileSync(path));
    });

    test('differs in masked values alone once it is pruned, compressed or not', async () => {
      const path = await make();
      for (const compress of [false, true]) {
        const target = free('pruned.h5');
        const expected = await withModel(path, async (model) => {
          const { parameter } = model.layers[0].gates[0].recurrent;
          const values = await parameter.read();
          parameter.mask = Uint8Array.from(values, (_, i) => (i % 2 === 0 ? 0 : 1));
          await model.save(target, { compress });
          const kept = await Promise.all(
            model.parameters.map(async (own) => [own.name, await own.read()] as const),
          );
          return new Map(kept).set(
            parameter.name,
            values.map((value, i) => (i % 2 === 0 ? 0 : value)),
          );
        });
        await withModel(target, async ({ parameters }) => {
          for (const own of parameters) assert.deepEqual(await own.read(), expected.get(own.name), own.name);
        });
        const [before, after] = [readFileSync(path), readFileSync(target)];
        if (compress) continue;
        assert.equal(after.length, before.length);
        for (let i = 0; i < after.length; i++)
          assert.ok(after[i] === before[i] || after[i] === 0, `byte ${i}`);
      }
    });

    test('loses no units, as nobody knows who reads them', async () => {
      await withModel(await make(), async (model) => {
        await assertRefuses(() => model.checkRebuild('shrink'), 'shrinkUnsupported', 'model.save()');
        const shrink = { parameters: new Map(), values: new Map(), layers: [] };
        await assertRefuses(() => model.save(free('x.h5'), { compress: false, shrink }), 'shrinkUnsupported');
        await model.checkRebuild('compress');
      });
    });
  });
}

test('an output of a file of weights keeps the whole suffix', async () => {
  const path = await tree(smallArchive().groups);
  assert.equal(await freeOutputName({ path }), path.replace('.weights.h5', '.pruned.weights.h5'));
});

test("the optimizer's state stays as it was, value by value, and is told of", async () => {
  const { groups } = smallArchive();
  const state = [weight('', 3, 20), weight('', 5, 20)];
  const path = await tree([...groups, { path: 'optimizer', name: 'adam', weights: state }]);
  const target = free('state.h5');
  await withModel(path, async (model) => {
    assert.ok(model.hasOptimizerState);
    for (const parameter of model.parameters)
      parameter.mask = new Uint8Array(parameter.shape.reduce((a, b) => a * b));
    await model.save(target, { compress: false });
  });
  const [before, after] = [await contentOf(path), await contentOf(target)];
  const own = [...before.keys()].filter((name) => name.startsWith('/optimizer'));
  assert.ok(own.includes('/optimizer/vars/1'));
  for (const name of own) assert.deepEqual(after.get(name), before.get(name), name);
});
