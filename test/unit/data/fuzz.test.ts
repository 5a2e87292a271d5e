import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fuzzData } from '../../support/dataFuzz.ts';
import { scratchFiles } from '../../support/scratch.ts';

const write = scratchFiles();

test('damaged data files are read or refused, never worse', async () => {
  const { read, refused } = await fuzzData(400, 1, write);
  assert.ok(refused > 200, `${refused} refused, ${read} read`);
});
