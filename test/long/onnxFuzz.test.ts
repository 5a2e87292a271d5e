import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { evaluableModel, externalModel, manyPartedModel } from '../support/onnxModels.ts';
import { runFuzz } from '../support/runFuzz.ts';
import { scratchFiles } from '../support/scratch.ts';

const write = scratchFiles();
const count = 20_000;

const makers: Record<string, [make: () => Buffer, count: number]> = {
  'of many parts': [manyPartedModel, count],
  'that can be evaluated': [evaluableModel, count / 4],
};
for (const [what, [make, times]] of Object.entries(makers)) {
  test(`${times} damaged .onnx files ${what} end in a message, never in a hang or a crash`, async () => {
    const good = write(`${make.name}.onnx`, make());
    const folder = join(dirname(good), make.name);
    mkdirSync(folder);
    const outcomes = await runFuzz({ good, folder, first: 2_000_000, count: times });
    assert.ok(outcomes.has('fine') && outcomes.has('fileDamaged'), JSON.stringify([...outcomes]));
  });
}

test(`${count / 10} damaged .onnx files with weights in another file end so, too`, async () => {
  const { main, weights } = externalModel();
  const good = write('external.onnx', main);
  write('weights.bin', weights);
  const outcomes = await runFuzz({ good, folder: dirname(good), first: 3_000_000, count: count / 10 });
  assert.ok(outcomes.has('fileDamaged'), JSON.stringify([...outcomes]));
});
