import assert from 'node:assert/strict';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ExternalFiles } from '../../../../extension/formats/onnx/externalFiles.ts';
import { openModel } from '../../../../extension/formats/open.ts';
import { externalTensor, model, node, tensor } from '../../../support/onnxFile.ts';
import { withOnnx } from '../../../support/openOnnx.ts';
import { assertRefuses } from '../../../support/throwsCode.ts';

const folder = mkdtempSync(join(tmpdir(), 'lstm-pruner-test-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const floats = (...values: number[]) => Buffer.from(Float32Array.from(values).buffer);
const W = floats(1, 2, 3, 4, 5, 6);
const R = floats(7, 8, 9, 10);

/** An RNN of 3 inputs and 2 units in a folder of its own; what the tensors say of where they lie is up to the test. */
function files(
  name: string,
  places: { W: Record<string, string>; R?: Record<string, string> },
  beside: Record<string, Buffer>,
): string {
  const own = join(folder, name);
  mkdirSync(join(own, 'deep'), { recursive: true });
  for (const [file, bytes] of Object.entries(beside)) writeFileSync(join(own, file), bytes);
  const path = join(own, 'model.onnx');
  const initializers = [
    externalTensor('W', [1, 2, 3], places.W),
    places.R ? externalTensor('R', [1, 2, 2], places.R) : tensor('R', [1, 2, 2], [7, 8, 9, 10]),
  ];
  writeFileSync(path, model({ nodes: [node('RNN', ['X', 'W', 'R'], ['Y'])], initializers }));
  return path;
}

const padding = Buffer.alloc(100, 0x55);
const together = Buffer.concat([W, padding, R]);
const places = {
  W: { location: 'weights.bin', offset: '0', length: '24' },
  R: { location: 'weights.bin', offset: '124', length: '16', checksum: 'kept' },
};

test('weights beside the model are read, and the model is all of its files', async () => {
  const path = files('read', places, { 'weights.bin': together });
  await withOnnx(path, async ({ layers: [layer], files: all, folder: main, bytes }) => {
    assert.deepEqual([...(await layer.gates[0].kernel.parameter.read())], [1, 2, 3, 4, 5, 6]);
    assert.deepEqual([...(await layer.gates[0].recurrent.parameter.read())], [7, 8, 9, 10]);
    assert.deepEqual(all, [path, join(folder, 'read', 'weights.bin')]);
    assert.equal(main, 'model.onnx');
    assert.equal(bytes, readFileSync(path).length + together.length);
  });
});

test('a model of several files is saved into a folder, and what no mask touches is the same byte for byte', async () => {
  const path = files(
    'save',
    { W: { location: 'deep/w.bin' }, R: { location: './r.bin', offset: '4' } },
    {
      'deep/w.bin': W,
      'r.bin': Buffer.concat([floats(55), R]),
    },
  );
  const target = join(folder, 'saved');
  await withOnnx(path, async (open) => {
    open.parameters[0].mask = Uint8Array.of(1, 1, 1, 1, 1, 0);
    await open.save(target, { compress: false });
  });
  assert.deepEqual(readdirSync(target, { recursive: true }).sort(), [
    'deep',
    join('deep', 'w.bin'),
    'model.onnx',
    'r.bin',
  ]);
  assert.deepEqual(readFileSync(join(target, 'model.onnx')), readFileSync(path));
  assert.deepEqual(readFileSync(join(target, 'deep/w.bin')), floats(1, 2, 3, 4, 5, 0));
  assert.deepEqual(readFileSync(join(target, 'r.bin')), Buffer.concat([floats(55), R]));
  const again = await openModel(target);
  assert.equal(again.path, join(target, 'model.onnx'));
  await again.close();
});

test('two tensors over the same bytes are one weight, and over a part of them damage', async () => {
  const nodes = [node('RNN', ['X', 'a', 'R'], ['Y']), node('RNN', ['X', 'b', 'R'], ['Z'])];
  const write = (name: string, second: Record<string, string>) => {
    const own = join(folder, name);
    mkdirSync(own);
    writeFileSync(join(own, 'w.bin'), together);
    const initializers = [
      externalTensor('a', [1, 2, 3], { location: 'w.bin', length: '24' }),
      externalTensor('b', [1, 2, 3], { location: 'w.bin', length: '24', ...second }),
      tensor('R', [1, 2, 2], [7, 8, 9, 10]),
    ];
    writeFileSync(join(own, 'model.onnx'), model({ nodes, initializers }));
    return join(own, 'model.onnx');
  };
  await withOnnx(write('tied', {}), async ({ parameters, layers }) => {
    assert.deepEqual(
      parameters.map(({ name }) => name),
      ['a', 'R'],
    );
    assert.equal(layers.length, 1);
  });
  await assertRefuses(() => withOnnx(write('overlap', { offset: '4' }), async () => {}), 'fileDamaged');
});

test('weights behind a link are read where it stays in the folder of the model, or of what that is a link to', async () => {
  const within = files('within', places, { real: together });
  symlinkSync('real', join(folder, 'within', 'weights.bin'));
  // As caches of downloads have them: all files in one folder, and links to them in others.
  const blob = files('blobs', places, { weights: together });
  mkdirSync(join(folder, 'snapshot'));
  const cached = join(folder, 'snapshot', 'model.onnx');
  symlinkSync(blob, cached);
  symlinkSync('../blobs/weights', join(folder, 'snapshot', 'weights.bin'));
  for (const path of [within, cached])
    await withOnnx(path, async ({ layers: [layer] }) =>
      assert.deepEqual([...(await layer.gates[0].recurrent.parameter.read())], [7, 8, 9, 10]),
    );
});

test('weights behind a link that leads out of the folder are refused', async () => {
  writeFileSync(join(folder, 'private'), together);
  for (const [name, target] of [
    ['leaves', '../private'],
    ['leavesByTwo', 'other'],
  ] as const) {
    const path = files(name, places, {});
    symlinkSync('../private', join(folder, name, 'other'));
    symlinkSync(target, join(folder, name, 'weights.bin'));
    await assertRefuses(
      () => withOnnx(path, async () => {}),
      'externalLink',
      '"weights.bin", a link out of its folder',
    );
  }
});

test('weights whose place cannot be told, as the model went away meanwhile, are refused', async () => {
  writeFileSync(join(folder, 'left.bin'), together);
  const files = new ExternalFiles(join(folder, 'gone.onnx'));
  await assertRefuses(() => files.open('left.bin'), 'fileDamaged', missing);
});

const outside = 'no file in its own folder';
const missing = 'not beside it';
const size = 'should take 24 bytes';
const first = { offset: '0', length: '24' };
const refused: Record<string, [place: Record<string, string>, why: string]> = {
  'the folder above': [{ location: '../weights.bin', ...first }, outside],
  'a folder above in between': [{ location: 'deep/../../weights.bin', ...first }, outside],
  'a folder above, as Windows writes it': [{ location: 'deep\\..\\..\\weights.bin', ...first }, outside],
  'an absolute path': [{ location: join(folder, 'weights.bin'), ...first }, outside],
  'a drive': [{ location: 'C:weights.bin', ...first }, outside],
  'no name': [{ location: '', ...first }, ''],
  'the model itself': [{ location: 'deep/../model.onnx', ...first }, outside],
  'a folder': [{ location: 'deep', ...first }, missing],
  'a file that is not there': [{ location: 'missing.bin', ...first }, missing],
  'a place beyond the file': [{ location: 'weights.bin', offset: '130', length: '24' }, size],
  'more bytes than its shape': [{ location: 'weights.bin', offset: '0', length: '28' }, size],
  'a negative offset': [{ location: 'weights.bin', offset: '-4' }, ''],
  'an offset of exabytes': [{ location: 'weights.bin', offset: '9223372036854775807' }, ''],
};
for (const [i, [what, [place, why]]] of Object.entries(refused).entries()) {
  test(`weights in ${what} are refused`, async () => {
    const path = files(`refused${i}`, { W: place }, { 'weights.bin': together });
    writeFileSync(join(folder, 'weights.bin'), together);
    await assertRefuses(() => withOnnx(path, async () => {}), 'fileDamaged', why);
  });
}
