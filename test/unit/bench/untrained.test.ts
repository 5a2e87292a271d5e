import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeUntrained } from '../../../bench/purpose/untrainedModel.ts';
import { openModel } from '../../../extension/formats/open.ts';
import { scratchFiles } from '../../support/scratch.ts';

const scratch = scratchFiles();

test('an untrained model is one that can be opened, computed and trained', async () => {
  const path = scratch('untrained.keras', '');
  await writeUntrained(path, { steps: 4, inputs: 3, hidden: 8, classes: 2 }, 1);
  const model = await openModel(path);
  try {
    assert.equal(model.notEvaluable, undefined);
    assert.equal(model.training?.loss, 'sparse_categorical_crossentropy');
    const [, , bias] = model.parameters;
    assert.deepEqual(
      [...(await bias.read())],
      [0, 1, 0, 0].flatMap((value) => Array(8).fill(value)),
    );
  } finally {
    await model.close();
  }
});
