import assert from 'node:assert/strict';
import { test } from 'node:test';
import { orthonormalRows, writeUntrained } from '../../../bench/purpose/untrainedModel.ts';
import { openModel } from '../../../extension/formats/open.ts';
import { Random } from '../../../extension/model/random.ts';
import { scratchFiles } from '../../support/scratch.ts';

const scratch = scratchFiles();

test('rows drawn for a recurrent kernel have length 1 and are at right angles', () => {
  const [rows, columns] = [5, 20];
  const matrix = orthonormalRows(rows, columns, new Random(3));
  for (let a = 0; a < rows; a++) {
    for (let b = 0; b <= a; b++) {
      let product = 0;
      for (let c = 0; c < columns; c++) product += matrix[a * columns + c] * matrix[b * columns + c];
      assert.ok(Math.abs(product - (a === b ? 1 : 0)) < 1e-6, `rows ${a} and ${b}: ${product}`);
    }
  }
});

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
