import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fuzzModels, fuzzPlaces } from '../../support/fuzzModels.ts';
import { runFuzz } from '../../support/runFuzz.ts';

const counts: Readonly<Record<string, number>> = {
  'HDF5 files of Keras 2': 150,
  '.keras files': 150,
  '.onnx files of many parts': 100,
  '.onnx files that can be evaluated': 100,
  'layers models of TensorFlow.js': 150,
  'graph models of TensorFlow.js': 150,
};

/** It is computed, too. */
const first = 400;

for (const [what, count] of Object.entries(counts)) {
  test(`damaged ${what} end in a message, never in a hang or a crash`, async () => {
    const places = await fuzzPlaces(mkdtempSync(join(tmpdir(), 'lstm-pruner-test-')), fuzzModels[what]);
    try {
      const outcomes = await runFuzz({ ...places, first, count });
      assert.ok(outcomes.has('fileDamaged') && outcomes.has('fine'), JSON.stringify([...outcomes]));
    } finally {
      places.remove();
    }
  });
}
