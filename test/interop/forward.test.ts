// Real Keras 3 makes models with random weights; our engine must compute what Keras computes, from either file
// format, and so must ONNX Runtime of what we convert to ONNX.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { openModel } from '../../extension/formats/open.ts';
import type { UserError } from '../../extension/protocol/userError.ts';
import { runPython, scratchFolder } from './environment.ts';
import { agree, type KerasCase, putsOutTheSame } from './kerasCase.ts';
import { onnxResults } from './onnxOf.ts';
import { unpacked } from './packedArray.ts';

const { folder, remove } = await scratchFolder();
after(remove);
await runPython('makeModels.py', [folder]);
const cases = JSON.parse(await readFile(join(folder, 'cases.json'), 'utf8')) as KerasCase[];

// Made before the first test is declared: the runner ends a file when its tests have run.
const converted = await onnxResults(folder, cases);

/** In .h5 Keras leaves out that the pairs of bytes are bfloat16. */
const untyped = 'dtype_bfloat16';

for (const suffix of ['keras', 'h5']) {
  describe(`forward of .${suffix} files`, () => {
    for (const kerasCase of cases) {
      if (kerasCase.name === untyped && suffix === 'h5') continue;
      test(`${kerasCase.name}.${suffix} puts out what Keras puts out`, () =>
        putsOutTheSame(join(folder, `${kerasCase.name}.${suffix}`), kerasCase));
    }
  });
}

describe('a Keras model converted to ONNX', () => {
  for (const { name, outputs, tolerance } of cases) {
    const result = converted.get(name);
    if (!result) continue;
    test(`${name} computes in ONNX Runtime what it computes in Keras`, () => {
      assert.ok('outputs' in result, 'error' in result ? result.error : '');
      agree(result.outputs.map(unpacked), outputs.map(unpacked), tolerance);
    });
  }
});

test('weights of a type that the file does not tell are named', async () => {
  await assert.rejects(openModel(join(folder, `${untyped}.h5`)), ({ info }: UserError) => {
    assert.equal(info.code, 'dtypeUnsupported');
    return /lstm/.test(String(info.args.parameter));
  });
});
