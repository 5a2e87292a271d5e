// Keras models become ONNX, TensorFlow.js and Keras models, and the ONNX ones the others again: the owner of each format computes what
// Keras computed of the first.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { convert } from '../../extension/jobs/convert.ts';
import type { ConversionTarget } from '../../extension/protocol/conversion.ts';
import { UserError } from '../../extension/protocol/userError.ts';
import { recordedContext } from '../support/jobContext.ts';
import { type Converted, outputIn, ownersResults } from './converted.ts';
import { runPython, scratchFolder } from './environment.ts';
import { agree } from './kerasCase.ts';
import { type PackedArray, unpacked } from './packedArray.ts';

interface Case {
  name: string;
  inputs: PackedArray[];
  outputs: PackedArray[];
}
const { folder, remove } = await scratchFolder();
after(remove);
await runPython('convertModels.py', ['make', folder]);
const cases = JSON.parse(await readFile(join(folder, 'cases.json'), 'utf8')) as Case[];

/** What TensorFlow.js has no layer for. */
const beyondTfjs = new Set([
  'gru',
  'attention',
  'additive',
  'concat',
  'masked_attention',
  'heads',
  'masked_heads',
  'attended_twice',
  'causal',
  'causal_masked',
  'causal_heads',
  'picked',
  'groups',
  'concatenated',
  'named_like_operations',
  'two_decoders',
]);

/** What Keras wrote, or what was converted from it before. */
const sources: Record<ConversionTarget, (name: string) => string> = {
  keras: (name) => `${name}.keras`,
  onnx: (name) => `${name}.keras.onnx`,
  tfjs: (name) => `${name}.keras.tfjs/model.json`,
};

/** Converts a file of every case; gives what was written by name. */
async function convertAll(
  from: ConversionTarget,
  to: ConversionTarget,
  skip: ReadonlySet<string>,
): Promise<Converted[]> {
  const converted: Converted[] = [];
  for (const { name, inputs } of cases) {
    if (skip.has(name)) continue;
    const path = join(folder, sources[from](name));
    const output = outputIn(folder, `${name}.${from}`, to);
    const report = await convert({ path, output }, recordedContext());
    assert.equal(report.output, output);
    assert.ok(report.divergence && report.divergence.value <= 1e-7, `${name}: ${report.divergence?.value}`);
    converted.push({ name, path: output, inputs });
  }
  return converted;
}

/** What ONNX has of several operators, in which no layer is seen. */
const spelledOut = [
  'attention',
  'additive',
  'concat',
  'masked_attention',
  'heads',
  'masked_heads',
  'attended_twice',
  'causal',
  'causal_masked',
  'causal_heads',
  'groups',
  'slopes',
  'concatenated',
  'operations',
];

const ways: [ConversionTarget, ConversionTarget, string[]][] = [
  ['keras', 'onnx', []],
  ['keras', 'keras', []],
  ['keras', 'tfjs', []],
  ['onnx', 'keras', spelledOut],
  // What ONNX has of a masked mean are sums.
  ['onnx', 'tfjs', [...spelledOut, 'masked_mean', 'masking_mean']],
  ['tfjs', 'onnx', [...beyondTfjs]],
  ['tfjs', 'keras', [...beyondTfjs]],
];

describe('a converted model', () => {
  for (const [from, to, without] of ways) {
    test(`${from} as ${to} computes what the original computes`, async () => {
      const skip = new Set([...without, ...(to === 'tfjs' ? beyondTfjs : [])]);
      const converted = await convertAll(from, to, skip);
      const results = await ownersResults(to, folder, converted);
      for (const [i, { name }] of converted.entries()) {
        const result = results[i];
        assert.ok('outputs' in result, `${name}: ${'error' in result ? result.error : ''}`);
        const original = cases.find((one) => one.name === name) as Case;
        agree(result.outputs.map(unpacked), original.outputs.map(unpacked), 1e-5);
      }
    });
  }

  test('is refused where TensorFlow.js would hand the state of one decoder to another', async () => {
    const output = join(folder, 'two', 'model.json');
    await assert.rejects(
      convert({ path: join(folder, 'two_decoders.keras'), output }, recordedContext()),
      ({ info }: UserError) => /optionStateMasked/.test(JSON.stringify(info)),
    );
  });

  test('says that masked steps count in a loss of ONNX, and tells who has ONNX of no other format', async () => {
    const output = outputIn(folder, 'noted', 'onnx');
    const { notes } = await convert({ path: join(folder, 'seq2seq.keras'), output }, recordedContext());
    assert.ok(notes.some(({ code }) => code === 'noteMaskedStepsCount'));
    const other = outputIn(folder, 'gru', 'onnx');
    const plain = await convert({ path: join(folder, 'gru.keras'), output: other }, recordedContext());
    assert.ok(!plain.notes.some(({ code }) => code === 'noteMaskedStepsCount'));
    await assert.rejects(
      convert({ path: other, output: outputIn(folder, 'gru', 'tfjs') }, recordedContext()),
      ({ info }: UserError) => info.code === 'conversionBeyond',
    );
  });

  test('is refused where the format has no layer for it, and nothing is written', async () => {
    const output = join(folder, 'no', 'model.json');
    await assert.rejects(
      convert({ path: join(folder, 'gru.keras'), output }, recordedContext()),
      (error: UserError) => error instanceof UserError && error.info.code === 'conversionImpossible',
    );
    await assert.rejects(readFile(output));
  });
});
