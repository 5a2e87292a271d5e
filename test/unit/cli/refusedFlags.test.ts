import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseArguments } from '../../../extension/cli/flags.ts';
import { assertFails, lstmPruner } from './command.ts';
import { commandFiles } from './commandFiles.ts';

const { write, model, data } = await commandFiles();
const prune = ['prune', model, '--sparsity', '0.5', '--data', data];

/** Flags, and what the line says. */
const negative: [string[], string][] = [
  [['--epochs', '-1'], '--epochs is -1; expected a whole number from 0.\n'],
  [['--learning-rate', '-.5', '--epochs', '1'], '--learning-rate is -0.5; expected a number above 0.\n'],
  [['--seed', '-1e3'], '--seed is -1000; expected a whole number from 0.\n'],
];
for (const [flags, line] of negative) {
  test(`${flags.join(' ')} is refused for its range`, async () => {
    const { code, err } = await lstmPruner([...prune, ...flags]);
    assert.deepEqual([code, err], [2, line]);
  });
}

test('only a negative number behind a flag that takes a value is its value', async () => {
  assert.equal(parseArguments(['inspect', '--json', '--', '-1']).model, '-1');
  await assertFails([...prune, '--compress', '-1'], 2, '-1');
  await assertFails([...prune, '--epochs', '--force'], 2, '--epochs');
});

test('what the parser says of an argument ends with one full stop', async () => {
  const { code, err } = await lstmPruner([...prune, '--epochs', '--force']);
  assert.equal(code, 2);
  assert.match(err, /[^.]\. Try --help\.\n$/);
});

/** Flags that would do nothing, and what the line says. */
const idle: [string[], string][] = [
  [['--keep-best'], '--keep-best has no effect without fine-tuning'],
  [['--keep-best', '--epochs', '0'], '--keep-best has no effect without fine-tuning'],
  [['--epochs', '0', '--patience', '3', '--l2', '1'], '--patience has no effect without fine-tuning'],
  [['--no-resume'], '--no-resume has no effect without fine-tuning'],
  [['--epochs', '1', '--resume', '--no-resume'], '--resume cannot be used with --no-resume'],
];
for (const [flags, part] of idle) {
  test(`${flags.join(' ')} is refused, as it would do nothing`, () =>
    assertFails([...prune, ...flags], 2, part));
}

test('--keep-best takes the epochs of a recipe file too', async () => {
  const recipe = write('recipe.json', JSON.stringify({ sparsity: 0.5, data, epochs: 1 }));
  const out = write('kept.h5', '');
  const args = ['prune', model, '--recipe', recipe, '--keep-best', '--out', out, '--force', '--json'];
  const { code, err } = await lstmPruner(args);
  assert.equal(code, 0, err);
});
