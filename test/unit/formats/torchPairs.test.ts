import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { recurrentModules } from '../../../extension/formats/stateDict/recurrentModules.ts';
import { scratchFiles } from '../../support/scratch.ts';
import { assertRefuses } from '../../support/throwsCode.ts';
import { floats, tensor, torchZip } from '../../support/torchFile.ts';
import { parameterOf, withTorch } from './torchContents.ts';
import { readEntries } from './zipEntries.ts';

const write = scratchFiles();
const storages = { 0: floats(1, 2, 3, 4), 1: floats(1, 0, 1, 0) };
const pair = new Map([
  ['rnn.w_orig', tensor({ storage: '0', numel: 4, shape: [2, 2] })],
  ['rnn.w_mask', tensor({ storage: '1', numel: 4, shape: [2, 2] })],
]);

async function storageOf(path: string, key: string): Promise<Buffer | undefined> {
  return (await readEntries(path)).find(({ name }) => name === `model/data/${key}`)?.bytes;
}

describe('a weight and its mask, as torch.nn.utils.prune keeps them,', () => {
  const path = write('pair.pt', torchZip({ saved: pair, storages }));

  test('are the one weight that is their product', () =>
    withTorch(path, async (opened) => {
      assert.deepEqual(opened.names, ['rnn.w']);
      assert.deepEqual(await opened.read('rnn.w'), [1, 0, 3, 0]);
      assert.equal(opened.parameters.length, 1);
    }));

  test('are so in parts, too, by which gates are described', () =>
    withTorch(path, async (opened) => {
      const part = new Float32Array(3);
      await parameterOf(opened, 'rnn.w')?.readPart?.(1, part);
      assert.deepEqual([...part], [0, 3, 0]);
    }));

  test('are both written: 0 where it is pruned, 1 where it came back', async () => {
    const out = write('pairOut', '').concat('.pt');
    await withTorch(path, async (opened) => {
      const w = parameterOf(opened, 'rnn.w');
      assert.ok(w);
      w.mask = Uint8Array.of(0, 1, 1, 1);
      w.trained = Float32Array.of(0, 5, 6, 0);
      await opened.container.save(out, {});
    });
    assert.deepEqual(await storageOf(out, '1'), floats(0, 1, 1, 0));
    assert.deepEqual(await storageOf(out, '0'), floats(0, 5, 6, 0));
    await withTorch(out, async (opened) => assert.deepEqual(await opened.read('rnn.w'), [0, 5, 6, 0]));
  });

  test('lose the same rows and columns', async () => {
    const out = write('pairCut', '').concat('.pt');
    const kept = new Map([['rnn.w', [[1], null]]]);
    await withTorch(path, ({ container }) => container.save(out, { kept }));
    assert.deepEqual(await storageOf(out, '0'), floats(3, 4));
    assert.deepEqual(await storageOf(out, '1'), floats(1, 0));
  });
});

test('weights that are computed from others are refused by the name of these, not left out', async () => {
  for (const name of [
    'weight_hh_l0_g',
    'weight_ih_l0_orig',
    'weight_hh_l0_raw',
    'parametrizations.weight_hh_l0.original0',
  ]) {
    const tensors = [{ name: `rnn.${name}`, shape: [4, 1], dtype: 'F32' }];
    await assertRefuses(() => recurrentModules(tensors, 'x.pt'), 'weightParametrised', `rnn.${name}`);
  }
});
