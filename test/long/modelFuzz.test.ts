import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fuzzModels, fuzzPlaces } from '../support/fuzzModels.ts';
import { runFuzz } from '../support/runFuzz.ts';

const count = 20_000;
/** The HDF5 library keeps some 256 kB of each file in which it met an error, for as long as its process lives. */
const inOneProcess = 2500;

for (const [i, [what, make]] of Object.entries(fuzzModels).entries()) {
  test(`${count} damaged ${what} end in a message, never in a hang or a crash`, async () => {
    const places = await fuzzPlaces(mkdtempSync(join(tmpdir(), 'lstm-pruner-fuzz-')), make);
    try {
      for (let done = 0; done < count; done += inOneProcess) {
        const first = (i + 1) * 1_000_000 + done;
        const outcomes = await runFuzz({ ...places, first, count: inOneProcess }, console.log);
        // Some survive, others are refused.
        assert.ok(outcomes.has('fine') && outcomes.size > 1, JSON.stringify([...outcomes]));
      }
    } finally {
      places.remove();
    }
  });
}
