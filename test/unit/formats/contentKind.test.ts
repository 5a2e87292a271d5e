// Files that are no model under the names of models: one line says what was expected and what is there.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { openModel, probeModel } from '../../../extension/formats/open.ts';
import { fill } from '../../../extension/protocol/labels.ts';
import { word } from '../../../extension/protocol/wording.ts';
import { floats } from '../../support/npy.ts';
import { evaluableModel } from '../../support/onnxModels.ts';
import { randomBytes, seeded } from '../../support/random.ts';
import { safetensorsFile, smallStack } from '../../support/safetensorsFile.ts';
import { scratchFiles } from '../../support/scratch.ts';
import { smallTorch } from '../../support/smallTorch.ts';
import { smallTflite, tfliteBytes } from '../../support/tfliteFile.ts';
import { messageFrom } from '../../support/throwsCode.ts';
import { torchLegacy, torchZip } from '../../support/torchFile.ts';
import { zipBytes } from '../../support/zip.ts';

const write = scratchFiles();
const torch = 'a file of PyTorch, as torch.save writes it';
const layersModel =
  'the model.json of a TensorFlow.js model, which has the keys "modelTopology" and "weightsManifest"';
const page = '\n<!DOCTYPE html>\n<html><body>Sign in to download</body></html>';
/** Leading bytes of a table, whatever they are, and the number at its end. */
const table = Buffer.concat([Buffer.from('\0\x08\x01lstm/kernel'), Buffer.from('57fb808b247547db', 'hex')]);
const floatBytes = Buffer.from(Float32Array.of(0.1, -0.2, 0.3).buffer);
const pointer = 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 12\n';

const files: [name: string, content: string | Buffer, expected: string, content: RegExp][] = [
  ['random.bin', randomBytes(3000, seeded(5)), torch, /data of another kind/],
  ['empty.bin', '', torch, /nothing/],
  ['page.bin', page, torch, /a web page; download/],
  ['lfs.bin', pointer, torch, /a pointer of Git LFS; "git lfs pull"/],
  ['array.bin', floats([2], [1, 2]), torch, /a NumPy array/],
  ['other.bin', safetensorsFile(smallStack()), torch, /safetensors; call it/],
  ['model.ckpt', table, torch, /a checkpoint of TensorFlow/],
  ['checkpoint.ckpt', 'model_checkpoint_path: "model.ckpt-100"\n', torch, /a checkpoint of TensorFlow/],
  ['notes.ckpt', 'Epoch 3 was the best.\n', torch, /text/],
  ['data.pkl', Buffer.from('\x80\x04\x95\x05\0\0\0\0\0\0\0K\x01.', 'latin1'), torch, /a pickle of another/],
  ['model.json', '{ "name": "model", "version": "1.0.0", "scripts": {} }', layersModel, /JSON of another/],
  ['page.json', page, layersModel, /a web page/],
  [
    'architecture.json',
    '{"module": "keras", "class_name": "Sequential", "config": {',
    layersModel,
    /the layers of a Keras model without their weights; save both/,
  ],
  ['m.weights.json', '[1]', "the list of the files of a Keras model's weights", /JSON of another/],
];
const [archive, torchFile, onnxModel] = ['a Keras model', torch, 'an ONNX model'];
const tfliteModel = 'a TensorFlow Lite model';
// Files of models, each under the name of another kind.
const misnamed: typeof files = [
  ['page.h5', page, archive, /a web page/],
  ['lfs.keras', pointer, archive, /a pointer of Git LFS/],
  ['torch.h5', torchZip(smallTorch('checkpoint')), archive, /weights of PyTorch; call it \.pt/],
  [
    'script.h5',
    zipBytes([{ name: 'net/data/0', bytes: floatBytes }]),
    archive,
    /weights of PyTorch; call it \.pt/,
  ],
  ['legacy.onnx', torchLegacy(smallTorch('checkpoint')), onnxModel, /weights of PyTorch; call it \.pt/],
  ['lite.onnx', tfliteBytes(smallTflite()), onnxModel, /a TensorFlow Lite model; call it \.tflite/],
  ['graph.pt', evaluableModel(), torchFile, /ONNX; call it \.onnx/],
  ['list.tflite', safetensorsFile(smallStack()), tfliteModel, /safetensors; call it \.safetensors/],
  ['array.safetensors', floats([2], [1, 2]), 'a safetensors file', /a NumPy array/],
];
/** A node of TensorFlow's GraphDef: name and operation. */
const node = Buffer.from('\n\x10\n\x01x\x12\x0bPlaceholder*\x0b', 'latin1');
// Models and parts of models of kinds that are not read, under the names that they usually have.
const foreign: [name: string, content: string | Buffer, content: RegExp][] = [
  ['ckpt-1.index', table, /a checkpoint of TensorFlow, .*; save the model as \.keras/],
  ['ckpt-1.data-00000-of-00001', floatBytes, /a checkpoint of TensorFlow/],
  ['variables.data-00000-of-00001', floatBytes, /the variables of a SavedModel; open the folder/],
  ['frozen.pb', node, /a graph of TensorFlow, .*; open the model that it was made of/],
  ['frozen.pbtxt', 'node {\n  name: "x"\n  op: "Placeholder"', /a graph of TensorFlow/],
  ['model.pb', Buffer.from('\x08\x01\x12\x90\x01', 'latin1'), /a SavedModel; call it saved_model\.pb/],
  ['weights.npz', zipBytes([{ name: 'a.npy', bytes: floats([2], [1, 2]) }]), /NumPy arrays, which are data/],
  ['weights.pickle', Buffer.from('\x80\x04K\x01.', 'latin1'), /a pickle of another kind; save/],
  ['model.mlmodel', Buffer.from('\x08\x04\x12\x90\x01\n\x0d\n\x05input', 'latin1'), /a Core ML model; open/],
  ['model.xml', '<?xml version="1.0"?>\n<net name="m" version="11">', /a model of OpenVINO; open/],
  ['list.dat', safetensorsFile(smallStack()), /safetensors; call it \.safetensors/],
];
for (const [name, content, found] of foreign) {
  test(`${name}: says in one line what it holds, and what to do`, async () => {
    const path = write(name, content);
    for (const look of [openModel, probeModel]) {
      const text = word(await messageFrom(() => look(path)), fill);
      assert.ok(text.startsWith(`${path} is not a model that LSTM Pruner can open: it holds `), text);
      assert.match(text, found);
    }
  });
}

test('a checkpoint is known by what its files begin with, and by its folder', async () => {
  const index = write('ckpt-2.index', table);
  const list = write('checkpoint', 'model_checkpoint_path: "ckpt-2"\n');
  for (const path of [index.replace('.index', ''), dirname(list)])
    assert.match(word(await messageFrom(() => openModel(path)), fill), /it holds a checkpoint of TensorFlow/);
});

test('the folder of the variables of a SavedModel is told as such', async () => {
  const folder = dirname(write('variables.index', table));
  rmSync(join(folder, 'checkpoint'));
  assert.match(
    word(await messageFrom(() => openModel(folder)), fill),
    /it holds the variables of a SavedModel/,
  );
});

test('weights of TensorFlow.js and OpenVINO are told from those of PyTorch', async () => {
  const shard = write('group1-shard1of2.bin', floatBytes);
  assert.match(
    word(await messageFrom(() => openModel(shard)), fill),
    /weights of TensorFlow\.js; open the model\.json/,
  );
  write('lstm.xml', '<net name="m">');
  const weights = write('lstm.bin', floatBytes);
  assert.match(word(await messageFrom(() => openModel(weights)), fill), /a model of OpenVINO/);
});

for (const [name, index] of [
  ['model-00001-of-00002.safetensors', 'model.safetensors.index.json'],
  ['pytorch_model-00002-of-00002.bin', 'pytorch_model.bin.index.json'],
] as const) {
  test(`${name} is a part of a model, whose index is named`, async () => {
    const path = write(name, safetensorsFile(smallStack()));
    const said = async () => word(await messageFrom(() => openModel(path)), fill);
    assert.equal(
      await said(),
      `${path} is one of the 2 files of a model. Put the others and ${index}, which lists them all, beside it, and open that.`,
    );
    write(index, '{}');
    assert.equal(
      await said(),
      `${path} is one of the 2 files of a model. Open ${index} beside it, which lists them all.`,
    );
  });
}

for (const [name, content, expected, found] of [...files, ...misnamed]) {
  test(`${name}: says in one line that it is no ${expected.slice(0, 30)}…, and what it holds`, async () => {
    const path = write(name, content);
    for (const look of [openModel, probeModel]) {
      const text = word(await messageFrom(() => look(path)), fill);
      assert.ok(text.startsWith(`${path} is not ${expected}: it holds `), text);
      assert.match(text.slice(path.length + expected.length), new RegExp(`it holds ${found.source}`));
      assert.ok(!text.includes('\n'));
    }
  });
}
