import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { externalModel, manyPartedModel } from '../support/onnxModels.ts';
import { runFuzz } from '../support/runFuzz.ts';
import { scratchFiles } from '../support/scratch.ts';

const write = scratchFiles();
const count = 20_000;

test(`${count} damaged .onnx files end in a message, never in a hang or a crash`, async () => {
  const good = write('good.onnx', manyPartedModel());
  const folder = join(dirname(good), 'damaged');
  mkdirSync(folder);
  const outcomes = await runFuzz({ good, folder, first: 2_000_000, count });
  assert.ok(
    outcomes.has('fine') && outcomes.has('fileDamaged') && outcomes.size > 3,
    JSON.stringify([...outcomes]),
  );
});

test(`${count / 10} damaged .onnx files with weights in another file end so, too`, async () => {
  const { main, weights } = externalModel();
  const good = write('external.onnx', main);
  write('weights.bin', weights);
  const outcomes = await runFuzz({ good, folder: dirname(good), first: 3_000_000, count: count / 10 });
  assert.ok(outcomes.has('fileDamaged'), JSON.stringify([...outcomes]));
});
