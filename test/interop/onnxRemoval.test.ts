// ONNX files from which whole layers were removed, beside PyTorch's modules that leave them out.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { mainFileOf } from '../../extension/formats/mainFileOf.ts';
import { openModel } from '../../extension/formats/open.ts';
import { layerRemovals } from '../../extension/pruning/layers/removals.ts';
import { runPython, scratchFolder } from './environment.ts';
import { largestDifference } from './forward.ts';
import { type PackedArray, unpacked } from './packedArray.ts';

interface Case {
  readonly file: string;
  /** Which of the model's recurrent layers goes. */
  readonly leaving: number;
  /** Of the module without the layer. */
  readonly output: PackedArray;
}
interface Judgement {
  readonly output: PackedArray;
  readonly recurrent: number;
}

const { folder, remove } = await scratchFolder();
after(remove);
const cases = JSON.parse(await runPython('onnxRemoval.py', ['make', folder])) as Case[];
const jobs: [written: string, original: string][] = [];
const before: number[] = [];
for (const { file, leaving } of cases) {
  const path = join(folder, file);
  const written = path.replace('.onnx', '.removed.onnx');
  const model = await openModel(path);
  try {
    assert.ok(model.graph, JSON.stringify(model.notEvaluable));
    const removals = layerRemovals(model.graph);
    before.push(removals.length);
    const { way } = removals[leaving];
    assert.ok('redirection' in way, JSON.stringify(way));
    await model.checkRebuild('shrink', [way.redirection]);
    await model.save(written, { compress: false, without: [way.redirection] });
    // With values in files beside it is a folder.
    jobs.push([mainFileOf(model, written), path]);
  } finally {
    await model.close();
  }
}
const list = join(folder, 'jobs.json');
await writeFile(list, JSON.stringify(jobs));
const judgements = JSON.parse(await runPython('onnxRemoval.py', ['judge', list])) as Judgement[];

describe('an ONNX file without a layer', () => {
  for (const [i, { file, output }] of cases.entries()) {
    const [written, original] = jobs[i];
    test(`is whole for ONNX, whose Runtime computes what PyTorch does without it: ${file}`, () => {
      const expected = unpacked(output);
      const found = unpacked(judgements[i].output);
      assert.deepEqual(found.shape, expected.shape);
      assert.ok(largestDifference(found, expected) <= 1e-5);
      assert.equal(judgements[i].recurrent, before[i] - 1);
    });

    test(`holds nothing of it: ${file}`, async () => {
      assert.ok((await readFile(written)).length < (await readFile(original)).length);
      const [whole, rest] = await Promise.all([original, written].map((path) => openModel(path)));
      try {
        assert.ok(rest.parameters.length < whole.parameters.length);
        assert.ok(rest.layers.length < whole.layers.length);
      } finally {
        await Promise.all([whole.close(), rest.close()]);
      }
    });
  }
});
