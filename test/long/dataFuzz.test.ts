import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fuzzData } from '../support/dataFuzz.ts';
import { scratchFiles } from '../support/scratch.ts';

const write = scratchFiles();

test('damaged data files are read or refused, never worse, over many seeds', async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const { read, refused } = await fuzzData(2000, seed, write);
    assert.ok(refused > 1000, `seed ${seed}: ${refused} refused, ${read} read`);
  }
});
