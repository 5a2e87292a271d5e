// Files that are no model under the names of models: one line says what was expected and what is there.
import assert from 'node:assert/strict';
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

const write = scratchFiles();
const torch = 'a file of PyTorch, as torch.save writes it';
const layersModel =
  'the model.json of a TensorFlow.js model, which has the keys "modelTopology" and "weightsManifest"';
const page = '\n<!DOCTYPE html>\n<html><body>Sign in to download</body></html>';
/** Leading bytes of a table, whatever they are, and the number at its end. */
const table = Buffer.concat([Buffer.from('\0\x08\x01lstm/kernel'), Buffer.from('57fb808b247547db', 'hex')]);
const pointer = 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 12\n';

const files: [name: string, content: string | Buffer, expected: string, content: RegExp][] = [
  ['random.bin', randomBytes(3000, seeded(5)), torch, /data of another kind/],
  ['empty.bin', '', torch, /nothing/],
  ['page.bin', page, torch, /a web page; download/],
  ['lfs.bin', pointer, torch, /a pointer of Git LFS; "git lfs pull"/],
  ['array.bin', floats([2], [1, 2]), torch, /a NumPy array/],
  ['other.bin', safetensorsFile(smallStack()), torch, /safetensors; call it/],
  ['model.ckpt', table, torch, /a checkpoint of TensorFlow/],
  ['notes.ckpt', 'model_checkpoint_path: "model.ckpt-100"\n', torch, /text/],
  ['data.pkl', Buffer.from('\x80\x04\x95\x05\0\0\0\0\0\0\0K\x01.', 'latin1'), torch, /a pickle of another/],
  ['model.json', '{ "name": "model", "version": "1.0.0", "scripts": {} }', layersModel, /JSON of another/],
  ['page.json', page, layersModel, /a web page/],
  ['m.weights.json', '[1]', "the list of the files of a Keras model's weights", /JSON of another/],
];
const [archive, torchFile, onnxModel] = ['a Keras model', torch, 'an ONNX model'];
const tfliteModel = 'a TensorFlow Lite model';
// Files of models, each under the name of another kind.
const misnamed: typeof files = [
  ['page.h5', page, archive, /a web page/],
  ['lfs.keras', pointer, archive, /a pointer of Git LFS/],
  ['torch.h5', torchZip(smallTorch('checkpoint')), archive, /weights of PyTorch; call it \.pt/],
  ['legacy.onnx', torchLegacy(smallTorch('checkpoint')), onnxModel, /weights of PyTorch; call it \.pt/],
  ['lite.onnx', tfliteBytes(smallTflite()), onnxModel, /a TensorFlow Lite model; call it \.tflite/],
  ['graph.pt', evaluableModel(), torchFile, /ONNX; call it \.onnx/],
  ['list.tflite', safetensorsFile(smallStack()), tfliteModel, /safetensors; call it \.safetensors/],
  ['array.safetensors', floats([2], [1, 2]), 'a safetensors file', /a NumPy array/],
];
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
