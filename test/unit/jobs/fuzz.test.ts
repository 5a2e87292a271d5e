import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { writeKerasArchive, writeKerasH5 } from '../../support/kerasFile.ts';
import { evaluableModel, manyPartedModel } from '../../support/onnxModels.ts';
import { runFuzz } from '../../support/runFuzz.ts';
import { scratchFiles } from '../../support/scratch.ts';
import { smallArchive, smallLegacy } from '../../support/smallModels.ts';
import { smallGraphModel } from '../../support/tfjsGraph.ts';
import { smallTfjs, writeTfjs } from '../../support/tfjsModel.ts';

const write = scratchFiles();

function folderFor(good: string, name: string): string {
  const folder = join(dirname(good), name);
  mkdirSync(folder);
  return folder;
}

test('damaged .h5 files end in a message, never in a hang or a crash', async () => {
  const good = await writeKerasH5(write('good.h5', ''), smallLegacy());
  const outcomes = await runFuzz({ good, folder: folderFor(good, 'h5'), first: 1, count: 150 });
  assert.ok(outcomes.has('fileDamaged') && outcomes.size > 2, JSON.stringify([...outcomes]));
});

test('damaged .keras files end in a message, never in a hang or a crash', async () => {
  const good = await writeKerasArchive(write('good.keras', ''), smallArchive());
  const outcomes = await runFuzz({ good, folder: folderFor(good, 'keras'), first: 1, count: 150 });
  assert.ok(outcomes.has('fileDamaged'), JSON.stringify([...outcomes]));
});

for (const make of [manyPartedModel, evaluableModel]) {
  test(`damaged .onnx files end in a message, never in a hang or a crash (${make.name})`, async () => {
    const good = write('good.onnx', make());
    const outcomes = await runFuzz({ good, folder: folderFor(good, make.name), first: 1, count: 100 });
    assert.ok(outcomes.has('fileDamaged') && outcomes.has('fine'), JSON.stringify([...outcomes]));
  });
}

test('damaged models of TensorFlow.js end in a message, never in a hang or a crash', async () => {
  for (const [name, model] of Object.entries({
    layers: smallTfjs(1, { shardBytes: 33 }),
    graph: smallGraphModel(),
  })) {
    const folder = folderFor(write(`${name}.txt`, ''), name);
    const good = writeTfjs(join(folder, 'good'), model);
    const outcomes = await runFuzz({ good, several: true, folder, first: 1, count: 150 });
    assert.ok(outcomes.has('fileDamaged') && outcomes.has('fine'), JSON.stringify([...outcomes]));
  }
});
