// What only TensorFlow Lite's recurrent operators have, written as ONNX: ONNX Runtime must put out what the interpreter puts out where it
// computes with floats, else what we compute of the same numbers; and our own reader finds the same layers again.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { openModel } from '../../extension/formats/open.ts';
import { convert } from '../../extension/jobs/convert.ts';
import { prune } from '../../extension/jobs/prune.ts';
import { isNormalized, outputSize } from '../../extension/model/recurrentLayer.ts';
import { recordedContext } from '../support/jobContext.ts';
import { type Converted, ownersResults } from './converted.ts';
import { runPython, scratchFolder } from './environment.ts';
import { forward } from './forward.ts';
import { agree } from './kerasCase.ts';
import { type PackedArray, unpacked } from './packedArray.ts';

interface Kind {
  readonly name: string;
  readonly numbers: 'float' | 'hybrid' | 'int8';
  readonly parts: readonly string[];
  readonly path: string;
  readonly inputs: PackedArray[];
  readonly outputs?: PackedArray[];
}

const { folder, remove } = await scratchFolder();
after(remove);
await runPython('tfliteKinds.py', [folder]);
const kinds = JSON.parse(await readFile(join(folder, 'kinds.json'), 'utf8')) as Kind[];

const converted: (Converted & { readonly kind: Kind })[] = [];
for (const kind of kinds) {
  const model = await openModel(kind.path);
  await model.close();
  // Factors of 13 behind its normalization make a thousandth of every rounding within a few steps.
  if (!model.graph || kind.name === 'coarse_sums_lstm_int8') continue;
  const output = join(folder, `${kind.name}.onnx`);
  await convert({ path: kind.path, output }, recordedContext());
  converted.push({ name: kind.name, path: output, inputs: kind.inputs, kind });
}
const results = await ownersResults('onnx', folder, converted);

/** What is read again is pruned like any other. */
const pruned = await Promise.all(
  converted
    .filter(({ name }) =>
      /^(lstm_float_normalization|lstm_float_diagonal|both_\w+_float_auxiliary)$/.test(name),
    )
    .map(async ({ name, path, inputs }) => {
      const output = join(folder, `${name}.pruned.onnx`);
      const { after: state } = await prune({ path, output, recipe: { sparsity: 0.7 } }, recordedContext());
      return { name, path: output, inputs, sparsity: state.sparsity };
    }),
);
const prunedResults = await ownersResults('onnx', folder, pruned);

describe('a recurrent operator of TensorFlow Lite as ONNX', () => {
  test('is every kind that is computed', () => {
    const found = new Set(
      converted.flatMap(({ kind }) => kind.parts.map((part) => `${part} ${kind.numbers}`)),
    );
    for (const kind of [
      'normalization float',
      'normalization hybrid',
      'normalization int8',
      'diagonal float',
      'diagonal hybrid',
      'auxiliary float',
    ])
      assert.ok(found.has(kind), kind);
  });

  for (const [i, { name, path, inputs, kind }] of converted.entries())
    test(`${name} computes the same in ONNX Runtime, and is read again`, async () => {
      const result = results[i];
      assert.ok('outputs' in result, 'error' in result ? result.error : '');
      const own = await forward(path, inputs.map(unpacked));
      const expected = kind.numbers === 'float' ? (kind.outputs ?? []).map(unpacked) : own;
      agree(result.outputs.map(unpacked), expected, 1e-5);
      const [before, again] = [await openModel(kind.path), await openModel(path)];
      await Promise.all([before.close(), again.close()]);
      const describeLayers = (layers: typeof before.layers) =>
        layers.map((layer) => [
          layer.cell,
          layer.direction,
          layer.hiddenSize,
          outputSize(layer),
          isNormalized(layer),
          layer.gates.length,
        ]);
      assert.deepEqual(describeLayers(again.layers), describeLayers(before.layers));
    });

  test('is pruned there, and runs in ONNX Runtime with what we compute', async () => {
    assert.equal(pruned.length, 4);
    for (const [i, { name, path, inputs, sparsity }] of pruned.entries()) {
      const result = prunedResults[i];
      assert.ok('outputs' in result, `${name}: ${'error' in result ? result.error : ''}`);
      assert.ok(sparsity >= 0.69, `${name}: ${sparsity}`);
      agree(result.outputs.map(unpacked), await forward(path, inputs.map(unpacked)), 1e-5);
    }
  });
});
