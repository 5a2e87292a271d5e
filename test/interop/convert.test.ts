// Real Keras models, written as ONNX by us: ONNX' checker takes them, and ONNX Runtime computes what Keras computes.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { writeConverted } from '../../extension/conversion/convert.ts';
import { openModel } from '../../extension/formats/open.ts';
import { runPython, scratchFolder } from './environment.ts';
import { largestDifference } from './forward.ts';
import { type PackedArray, unpacked } from './packedArray.ts';

interface KerasCase {
  name: string;
  tolerance: number;
  inputs: PackedArray[];
  outputs: PackedArray[];
}

const { folder, remove } = await scratchFolder();
after(remove);
await runPython('makeModels.py', [folder]);
const cases = JSON.parse(await readFile(join(folder, 'cases.json'), 'utf8')) as KerasCase[];
const written: (KerasCase & { path: string })[] = [];
for (const kerasCase of cases) {
  const model = await openModel(join(folder, `${kerasCase.name}.keras`));
  try {
    if (!model.graph) continue;
    const path = join(folder, `${kerasCase.name}.onnx`);
    await writeConverted('onnx', path, model.graph);
    written.push({ ...kerasCase, path });
  } finally {
    await model.close();
  }
}
const list = join(folder, 'list.json');
await writeFile(list, JSON.stringify(written.map(({ path, inputs }) => ({ path, inputs }))));
await runPython('runOnnx.py', [list, join(folder, 'results.json')]);
type Result = { outputs: PackedArray[] } | { error: string };
const results = JSON.parse(await readFile(join(folder, 'results.json'), 'utf8')) as Result[];

describe('a Keras model converted to ONNX', () => {
  for (const [i, { name, tolerance, outputs }] of written.entries()) {
    test(`${name} computes in ONNX Runtime what it computes in Keras`, () => {
      const result = results[i];
      assert.ok('outputs' in result, 'error' in result ? result.error : '');
      assert.equal(result.outputs.length, outputs.length);
      for (const [o, expected] of outputs.map(unpacked).entries()) {
        const found = unpacked(result.outputs[o]);
        assert.deepEqual([...found.shape], [...expected.shape]);
        const worst = largestDifference(found, expected);
        assert.ok(worst <= tolerance, `largest difference ${worst}`);
      }
    });
  }
});
