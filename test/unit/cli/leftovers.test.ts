import assert from 'node:assert/strict';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { placeOf } from '../../support/jobContext.ts';
import { root } from '../../support/paths.ts';
import { json, lstmPruner } from './command.ts';

const reber = join(root, 'examples/reber');

test('what a killed prune left beside its output and in the temporary folder, the next one removes', async () => {
  const place = placeOf(join(reber, 'reber.keras'));
  const temporary = join(place.folder, 'tmp');
  mkdirSync(temporary);
  const env = { TMPDIR: temporary };
  // Node keeps compiled code there, too.
  const left = () => readdirSync(temporary).filter((name) => name !== 'node-compile-cache');
  const halfWritten = () => place.files().filter((name) => name.endsWith('.tmp'));
  try {
    const killed = await lstmPruner(
      ['prune', place.model, '--sparsity', '0.5', '--data', join(reber, 'reber.npz')],
      { env, signal: 'SIGKILL', interruptWhen: () => halfWritten().length > 0 },
    );
    assert.equal(killed.code, null);
    assert.equal(halfWritten().length, 1);
    assert.notEqual(left().length, 0);
    await json(['prune', place.model, '--sparsity', '0.5'], { env });
    assert.deepEqual(left(), []);
    assert.deepEqual(place.files(), ['reber.keras', 'reber.pruned.keras', 'tmp']);
  } finally {
    place.remove();
  }
});
