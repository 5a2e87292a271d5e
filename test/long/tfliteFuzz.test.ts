import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { runFuzz } from '../support/runFuzz.ts';
import { scratchFiles } from '../support/scratch.ts';
import { smallTflite, tfliteBytes } from '../support/tfliteFile.ts';

const write = scratchFiles();
const count = 20_000;

test(`${count} damaged .tflite files end in a message, never in a hang or a crash`, async () => {
  const good = write('good.tflite', tfliteBytes(smallTflite()));
  const folder = join(dirname(good), 'damaged');
  mkdirSync(folder);
  const outcomes = await runFuzz({ good, folder, first: 6_000_000, count });
  assert.ok(outcomes.has('fine') && outcomes.has('fileDamaged'), JSON.stringify([...outcomes]));
});
