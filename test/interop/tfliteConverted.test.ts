// Models that TensorFlow Lite's converter made, quantised in every way that it offers: our engine must compute what the interpreter
// computes, integers bit for bit, and a model that we prune must have there the loss that we report.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { openModel } from '../../extension/formats/open.ts';
import { convert } from '../../extension/jobs/convert.ts';
import { evaluate } from '../../extension/jobs/evaluate.ts';
import { prune } from '../../extension/jobs/prune.ts';
import { recordedContext } from '../support/jobContext.ts';
import { outputIn, ownersResults, type Result } from './converted.ts';
import { runPython, scratchFolder } from './environment.ts';
import { forward, largestDifference } from './forward.ts';
import { agree } from './kerasCase.ts';
import { type PackedArray, unpacked } from './packedArray.ts';

interface ConvertedCase {
  name: string;
  path: string;
  /** npz with x and y. */
  data: string;
  kind: 'classes' | 'binary' | 'values';
  /** Keras' loss of the interpreter's outputs. */
  loss: number;
  inputs: PackedArray[];
  outputs: PackedArray[];
}

const losses = {
  classes: 'sparse_categorical_crossentropy',
  binary: 'binary_crossentropy',
  values: 'mean_squared_error',
};

const { folder, remove } = await scratchFolder();
after(remove);
await runPython('tfliteConverted.py', [folder]);
const cases = JSON.parse(await readFile(join(folder, 'converted.json'), 'utf8')) as ConvertedCase[];

const lossOf = async (path: string, { data, kind }: ConvertedCase) =>
  (await evaluate({ path, data: { data, loss: losses[kind], split: 'all' } }, recordedContext())).loss;

function assertLoss(found: number, expected: number, name: string): void {
  assert.ok(Math.abs(found - expected) <= 1e-5 * Math.abs(expected), `${name}: ${found}, ${expected} there`);
}

/** What convolutions over steps, and other layers in ONNX, become in other formats. */
const translations = [];
for (const to of ['onnx', 'keras'] as const) {
  for (const one of cases.filter(({ name }) =>
    to === 'onnx' ? /(?:convolution|layer)_float$/.test(name) : /convolution_float$/.test(name),
  )) {
    // Its batch normalization became a product with weights, which no layer of Keras is.
    if (to === 'keras' && one.name.startsWith('separable')) continue;
    const path = outputIn(folder, one.name, to);
    const { notes } = await convert({ path: one.path, output: path }, recordedContext());
    translations.push({ ...one, to, path, notes });
  }
}
const translated = new Map<(typeof translations)[number], Result>();
for (const to of ['onnx', 'keras'] as const) {
  const own = translations.filter((one) => one.to === to);
  for (const [i, result] of (await ownersResults(to, folder, own)).entries()) translated.set(own[i], result);
}

describe('a model of the converter', () => {
  for (const one of cases) {
    test(`${one.name} puts out what the interpreter puts out, and has its loss`, async () => {
      const [found] = await forward(one.path, one.inputs.map(unpacked));
      const expected = unpacked(one.outputs[0]);
      assert.deepEqual([...found.shape], [...expected.shape]);
      // A step of these grids is 1e-3 and more.
      const worst = largestDifference(found, expected);
      assert.ok(worst <= 1e-5, `largest difference ${worst}`);
      assertLoss(await lossOf(one.path, one), one.loss, one.name);
    });
  }

  for (const [{ name, to, outputs, notes }, result] of translated)
    test(`${name} computes as ${to} what the interpreter computes, and says whether a clip was left out`, () => {
      assert.ok('outputs' in result, 'error' in result ? result.error : '');
      agree(result.outputs.map(unpacked), outputs.map(unpacked), 1e-5);
      const said = notes.some((note) => typeof note !== 'string' && note.code === 'noteClipLeftOut');
      // Of sequences of 12 steps before the layer, only what is not pooled to 6 and less could reach a clip of 10.
      assert.equal(said, to === 'keras' && name.startsWith('depthwise'));
    });

  test('whose weights are float16 keeps them so', async () => {
    const path = join(folder, 'classes_float16.tflite');
    const model = await openModel(path);
    try {
      const types = new Set(
        model.layers.flatMap(({ gates }) => gates.map(({ kernel }) => kernel.parameter.dtype)),
      );
      assert.deepEqual([...types], ['float16']);
      const copy = join(folder, 'copy.tflite');
      await model.save(copy, { compress: false });
      assert.deepEqual(await readFile(copy), await readFile(path));
    } finally {
      await model.close();
    }
  });
});

test('pruned models of the converter have in the interpreter the loss that we report', async () => {
  const list = join(folder, 'pruned.json');
  const pruned: (Pick<ConvertedCase, 'path' | 'data' | 'kind' | 'inputs'> & { found: number })[] = [];
  for (const one of cases) {
    const output = join(folder, `${one.name}.pruned.tflite`);
    const recipe = { sparsity: 0.6, data: one.data, loss: losses[one.kind], split: 'all' as const };
    const { after: state } = await prune({ path: one.path, output, recipe }, recordedContext());
    assert.ok(Math.abs(state.sparsity - 0.6) < 0.02, `${one.name}: ${state.sparsity}`);
    pruned.push({
      path: output,
      data: one.data,
      kind: one.kind,
      inputs: one.inputs,
      found: state.loss ?? Number.NaN,
    });
  }
  await writeFile(list, JSON.stringify(pruned));
  const answers = join(folder, 'answers.json');
  await runPython('runTflite.py', [list, answers]);
  const judged = JSON.parse(await readFile(answers, 'utf8')) as { loss: number; outputs: PackedArray }[];
  const alike: string[] = [];
  for (const [i, { name, outputs }] of cases.entries()) {
    assertLoss(pruned[i].found, judged[i].loss, name);
    // A loss may stay nearly the same by chance.
    if (largestDifference(unpacked(judged[i].outputs), unpacked(outputs[0])) < 1e-3) alike.push(name);
  }
  // What is put out in 8 bits may stay the same.
  assert.deepEqual(
    alike.filter((name) => !name.includes('int8')),
    [],
  );
  assert.ok(alike.length <= 2, alike.join());
});
