import assert from 'node:assert/strict';
import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { checkOutput, freeOutputName } from '../../../extension/formats/outputName.ts';
import { writeWhole } from '../../../extension/formats/writeWhole.ts';
import { fill } from '../../../extension/protocol/labels.ts';
import { word } from '../../../extension/protocol/wording.ts';
import { assertRefuses, messageFrom } from '../../support/throwsCode.ts';

let folder = '';
const at = (name: string) => join(folder, name);
const put = (name: string, content = '') => writeFileSync(at(name), content);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lstm-pruner-test-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('the first free name is model.pruned.h5, then model.pruned-2.h5, model.pruned-3.h5', async () => {
  for (const name of ['model.pruned.h5', 'model.pruned-2.h5', 'model.pruned-3.h5']) {
    assert.equal(await freeOutputName({ path: at('model.h5') }), at(name));
    put(name);
  }
});

test('the suffix stays as it is, in its case and behind other dots', async () => {
  assert.equal(await freeOutputName({ path: at('m.v2.keras') }), at('m.v2.pruned.keras'));
  assert.equal(await freeOutputName({ path: at('MODEL.H5') }), at('MODEL.pruned.H5'));
  assert.equal(await freeOutputName({ path: at('a.hdf5') }), at('a.pruned.hdf5'));
  assert.equal(await freeOutputName({ path: at('m.pruned.h5') }), at('m.pruned.pruned.h5'));
});

test('a link that leads nowhere is not a free name', async () => {
  symlinkSync(at('gone'), at('model.pruned.h5'));
  assert.equal(await freeOutputName({ path: at('model.h5') }), at('model.pruned-2.h5'));
});

test('the original is refused as output, by whatever name, forced or not', async () => {
  put('model.h5', 'original');
  symlinkSync(at('model.h5'), at('symbolic.h5'));
  linkSync(at('model.h5'), at('hard.h5'));
  symlinkSync(folder, at('here'));
  for (const name of ['model.h5', './model.h5', 'symbolic.h5', 'hard.h5', 'here/model.h5']) {
    for (const force of [false, true]) {
      await assertRefuses(
        () => checkOutput({ path: at('model.h5') }, `${folder}/${name}`, force),
        'outputIsOriginal',
      );
    }
  }
});

test('another file that exists needs force; another suffix is refused', async () => {
  put('model.h5');
  put('there.h5');
  await assertRefuses(
    () => checkOutput({ path: at('model.h5') }, at('there.h5'), false),
    'outputExists',
    'there.h5',
    '--force',
  );
  await checkOutput({ path: at('model.h5') }, at('there.h5'), true);
  await checkOutput({ path: at('model.h5') }, at('new.H5'), false);
  await assertRefuses(
    () => checkOutput({ path: at('model.h5') }, at('new.keras'), true),
    'outputFormat',
    '.h5',
  );
  await assertRefuses(() => checkOutput({ path: at('model.h5') }, at('new'), true), 'outputFormat', '.h5');
});

test('an output may end as any file of the format does, but compound endings stay', async () => {
  for (const [original, output] of [
    ['m.pt', 'x.pth'],
    ['m.pth', 'x.BIN'],
    ['m.bin', 'x.th'],
    ['m.h5', 'x.hdf5'],
    ['m.hdf5', 'x.h5'],
  ] as const)
    await checkOutput({ path: at(original) }, at(output), false);
  for (const [original, output] of [
    ['m.pt', 'x.safetensors'],
    ['m.weights.h5', 'x.h5'],
    ['m.h5', 'x.keras'],
    ['m.onnx', 'x.pt'],
  ] as const)
    await assertRefuses(() => checkOutput({ path: at(original) }, at(output), false), 'outputFormat');
  const message = await messageFrom(() => checkOutput({ path: at('m.th') }, at('x'), false));
  assert.equal(
    word(message, fill),
    `The output ${at('x')} must end in .th, .pth, .pt, .ckpt, .bin, .pkl, like the original.`,
  );
});

test('a model of several files is not written into its own folders', async () => {
  const saved = {
    path: at('saved/saved_model.pb'),
    folder: 'saved_model.pb',
    files: [at('saved/saved_model.pb'), at('saved/variables/variables.index')],
  };
  mkdirSync(at('saved/variables'), { recursive: true });
  for (const output of ['saved/out', 'saved/variables/out'])
    await assertRefuses(() => checkOutput(saved, at(output), true), 'outputInOriginal', at(output));
  await checkOutput(saved, at('other'), false);
  const parts = { path: at('m.onnx'), folder: 'm.onnx', files: [at('m.onnx'), at('saved/data.bin')] };
  await assertRefuses(() => checkOutput(parts, at('saved/out'), false), 'outputInOriginal');
  await checkOutput(parts, at('out'), false);
});

test('a file appears whole, and nothing else', async () => {
  await writeWhole(at('a.txt'), async (temporary) => {
    assert.deepEqual(readdirSync(folder), []);
    await writeFile(temporary, 'whole');
  });
  assert.deepEqual(readdirSync(folder), ['a.txt']);
  assert.equal(readFileSync(at('a.txt'), 'utf8'), 'whole');
});

test('an error on the way leaves nothing, and what was there before as it was', async () => {
  put('a.txt', 'before');
  const fail = async (temporary: string) => {
    await writeFile(temporary, 'half');
    throw new Error('given up');
  };
  for (const name of ['a.txt', 'b.txt']) await assert.rejects(writeWhole(at(name), fail), /given up/);
  assert.deepEqual(readdirSync(folder), ['a.txt']);
  assert.equal(readFileSync(at('a.txt'), 'utf8'), 'before');
});

test('a file that came in the meantime is not replaced', async () => {
  const write = async (temporary: string) => {
    await writeFile(temporary, 'mine');
    put('a.txt', 'theirs');
  };
  await assertRefuses(() => writeWhole(at('a.txt'), write, {}), 'outputExists', 'a.txt');
  assert.equal(readFileSync(at('a.txt'), 'utf8'), 'theirs');
  assert.deepEqual(readdirSync(folder), ['a.txt']);
  await writeWhole(at('b.txt'), (temporary) => writeFile(temporary, 'whole'), {});
  assert.deepEqual(readdirSync(folder), ['a.txt', 'b.txt']);
});

test('a name that was taken meanwhile gives way to another', async () => {
  const names = ['c.txt', 'd.txt', 'e.txt'].map(at);
  for (const name of ['c.txt', 'd.txt']) put(name, 'taken');
  let next = 1;
  const another = async () => names[next++];
  const written = await writeWhole(names[0], (temporary) => writeFile(temporary, 'mine'), { another });
  assert.equal(written, names[2]);
  const texts = names.map((name) => readFileSync(name, 'utf8'));
  assert.deepEqual(texts, ['taken', 'taken', 'mine']);
});

const codes = {
  ENOSPC: 'diskFull',
  EDQUOT: 'diskFull',
  EROFS: 'readOnly',
  EACCES: 'readOnly',
  EPERM: 'readOnly',
  EIO: 'cannotWrite',
} as const;
for (const [code, expected] of Object.entries(codes)) {
  test(`${code} is said as ${expected}, by the name of the file that was meant`, async () => {
    const fail = () => Promise.reject(Object.assign(new Error(`${code}: no`), { code }));
    await assertRefuses(() => writeWhole(at('a.txt'), fail), expected, at('a.txt'));
    // The folder of a bare name is called by its own.
    if (expected === 'readOnly')
      await assertRefuses(() => writeWhole('a.txt', fail), expected, process.cwd());
  });
}

test('a folder that does not exist, or a folder in the place of the file, cannot be written', async () => {
  await assertRefuses(
    () => writeWhole(at('none/a.txt'), (temporary) => writeFile(temporary, '')),
    'cannotWrite',
    at('none/a.txt'),
  );
  (await import('node:fs')).mkdirSync(at('folder'));
  await assertRefuses(() => writeWhole(at('folder'), (temporary) => writeFile(temporary, '')), 'cannotWrite');
  assert.deepEqual(readdirSync(folder), ['folder']);
});

const several = () => ({ path: at('model.h5'), folder: 'model.h5' });

test('a model of several files becomes a folder beside it', async () => {
  assert.equal(await freeOutputName(several()), at('model.pruned'));
  mkdirSync(at('model.pruned'));
  assert.equal(await freeOutputName(several()), at('model.pruned-2'));
});

test('a folder is replaced only when that is asked for, when a model is in it, and never one that the original is in', async () => {
  put('model.h5');
  await assertRefuses(
    () => checkOutput(several(), at('out.h5'), false),
    'outputNoFolder',
    'out.h5',
    `${at('out')},`,
  );
  await assertRefuses(() => checkOutput(several(), folder, true), 'outputIsOriginal');
  await assertRefuses(() => checkOutput(several(), join(folder, '..'), true), 'outputIsOriginal');
  mkdirSync(at('photos'));
  put('photos/cat.jpg');
  await assertRefuses(() => checkOutput(several(), at('photos'), false), 'outputExists', '--force');
  await assertRefuses(() => checkOutput(several(), at('photos'), true), 'outputOtherFolder', 'model.h5');
  put('photos/model.h5');
  await checkOutput(several(), at('photos'), true);
  await checkOutput(several(), at('new'), false);
});

test('a folder appears whole, in place of the old one where that may go', async () => {
  const fill = (text: string) => async (temporary: string) => {
    await mkdir(temporary);
    await writeFile(join(temporary, 'weights'), text);
  };
  assert.equal(await writeWhole(at('out'), fill('one'), {}), at('out'));
  await assertRefuses(() => writeWhole(at('out'), fill('two'), {}), 'outputExists');
  assert.equal(await writeWhole(at('out'), fill('two'), { another: async () => at('other') }), at('other'));
  assert.equal(readFileSync(at('out/weights'), 'utf8'), 'one');
  await writeWhole(at('out'), fill('three'), { replace: true });
  assert.equal(readFileSync(at('out/weights'), 'utf8'), 'three');
  await assert.rejects(
    writeWhole(at('out'), async (temporary) => {
      await fill('four')(temporary);
      throw new Error('no');
    }),
  );
  assert.equal(readFileSync(at('out/weights'), 'utf8'), 'three');
  assert.deepEqual(readdirSync(folder).sort(), ['other', 'out']);
});
