import assert from 'node:assert/strict';
import { symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { sizeOfFile } from '../../extension/data/files.ts';
import { openModel } from '../../extension/formats/open.ts';
import { fill } from '../../extension/protocol/labels.ts';
import { unreadable } from '../../extension/protocol/unreadable.ts';
import { word } from '../../extension/protocol/wording.ts';
import { scratchFiles } from '../support/scratch.ts';
import { assertRefuses } from '../support/throwsCode.ts';

const write = scratchFiles();

test('a file that may not be read is said to be so in words', () => {
  for (const code of ['EACCES', 'EPERM']) {
    const error = Object.assign(new Error(`${code}: permission denied, access 'np.h5'`), { code });
    assert.equal(word(unreadable('np.h5', error).info, fill), 'np.h5 cannot be read: permission is denied.');
  }
});

test('what else keeps a model or data from being read is said without codes and calls', async () => {
  const loop = join(dirname(write('x', '')), 'loop.npz');
  symlinkSync(loop, loop);
  const sentence = `${loop} cannot be read: too many symbolic links encountered.`;
  await assertRefuses(() => openModel(loop), 'fileUnreadable', sentence);
  await assertRefuses(() => sizeOfFile(loop), 'fileUnreadable', sentence);
});
