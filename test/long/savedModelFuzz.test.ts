import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { runFuzz } from '../support/runFuzz.ts';
import { smallSavedModel, writeSavedModel } from '../support/savedModelFolder.ts';
import { scratchFiles } from '../support/scratch.ts';

const write = scratchFiles();
const count = 20_000;

test(`${count} SavedModels of damaged files end in a message, never in a hang or a crash`, async () => {
  const root = dirname(write('x', ''));
  const good = writeSavedModel(join(root, 'good'), { ...smallSavedModel() });
  const folder = join(root, 'several');
  mkdirSync(folder);
  const outcomes = await runFuzz({ good, several: true, folder, first: 7_000_000, count });
  assert.ok(outcomes.has('fine') && outcomes.has('fileDamaged'), JSON.stringify([...outcomes]));
});
