import assert from 'node:assert/strict';
import { test } from 'node:test';
import { convert } from '../../../extension/jobs/convert.ts';
import { recordedContext } from '../../support/jobContext.ts';
import { writeKerasH5 } from '../../support/kerasFile.ts';
import { safetensorsFile, smallStack } from '../../support/safetensorsFile.ts';
import { scratchFiles } from '../../support/scratch.ts';
import { smallLegacy } from '../../support/smallModels.ts';

const write = scratchFiles();

async function notesOf(path: string): Promise<string[]> {
  const { notes } = await convert({ path, to: 'onnx' }, recordedContext());
  return notes.map(({ code }) => code);
}

test('a conversion says that optimizer state stays behind, where there is any', async () => {
  const withState = await writeKerasH5(write('state.h5', ''), smallLegacy(1, { optimizer: true }));
  assert.ok((await notesOf(withState)).includes('noteOptimizerNotConverted'));
  const without = await writeKerasH5(write('none.h5', ''), smallLegacy());
  assert.ok(!(await notesOf(without)).includes('noteOptimizerNotConverted'));
});

test('a conversion says what it took for granted of a list of weights', async () => {
  const path = write('m.safetensors', safetensorsFile(smallStack()));
  assert.ok((await notesOf(path)).includes('noteGraphAssumed'));
});
