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

/** Schedules that do not fit into a training of two steps, and what the line says. */
const misfits: [string[], string][] = [
  [['polynomial', '--end', '2'], '--end is 2; expected a whole number from 0 to 1.'],
  [['rigl', '--begin', '2'], '--begin is 2; expected a whole number from 0 to 1.'],
  [['iterative', '--rounds', '3'], '--rounds is 3; expected a whole number from 1 to 2.'],
  [
    ['iterative', '--criterion', 'movement'],
    '--schedule iterative cannot be used with --criterion movement.',
  ],
];
for (const [[schedule, ...flags], line] of misfits) {
  test(`--schedule ${schedule} ${flags.join(' ')} is refused`, async () => {
    const all = ['--epochs', '2', '--batch', '1000', '--schedule', schedule, ...flags];
    await assertFails([...prune, ...all], 2, line);
  });
}

test('only a negative number behind a flag that takes a value is its value', async () => {
  assert.equal(parseArguments(['inspect', '--json', '--', '-1']).model, '-1');
  await assertFails([...prune, '--compress', '-1'], 2, '-1');
  await assertFails([...prune, '--epochs', '--force'], 2, '--epochs');
});

test('what follows a flag that needs a value may begin with a dash where an equals sign says so', async () => {
  assert.equal(parseArguments(['prune', model, '--out=-o.h5']).out, '-o.h5');
  const { code, err } = await lstmPruner([...prune, '--epochs', '--force']);
  const line =
    '--epochs needs a value, but --force follows. If that is the value, write --epochs=--force. Try --help.\n';
  assert.deepEqual([code, err], [2, line]);
});

/** Flags that would do nothing, and what the line says. */
const idle: [string[], string][] = [
  [['--keep-best'], '--keep-best has no effect without fine-tuning'],
  [['--keep-best', '--epochs', '0'], '--keep-best has no effect without fine-tuning'],
  [['--epochs', '0', '--patience', '3', '--l2', '1'], '--patience has no effect without fine-tuning'],
  [['--no-resume'], '--no-resume has no effect without fine-tuning'],
  [['--schedule', 'polynomial'], '--schedule polynomial has no effect without fine-tuning'],
  [['--epochs', '1', '--rounds', '2'], '--rounds cannot be used with --schedule oneshot'],
  [['--samples', '9'], '--samples cannot be used with --criterion magnitude'],
  [
    ['--epochs', '1', '--schedule', 'rigl', '--power', '2'],
    '--power has no effect without --initial-sparsity',
  ],
  [
    ['--epochs', '1', '--schedule', 'epoch', '--initial-sparsity', '0.6'],
    'The initial sparsity 0.6 is above the target of 0.5',
  ],
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

/** Flags that do not go together, and the line, which says what would. */
const incompatible: [string[], string][] = [
  [
    ['--criterion', 'apoz', '--granularity', 'row'],
    '--granularity row cannot be used with --criterion apoz. Use one of: unit.\n',
  ],
  [
    ['--criterion', 'threshold', '--granularity', 'block'],
    '--granularity block cannot be used with --criterion threshold. Use one of: weight.\n',
  ],
  [
    ['--sparsity', '0.5', '--criterion', 'input-importance', '--granularity', 'weight'],
    '--granularity weight cannot be used with --criterion input-importance. Use one of: column.\n',
  ],
  [
    ['--sparsity', '0.5', '--granularity', 'column', '--scope', 'gate'],
    '--scope gate cannot be used with --granularity column. Use one of: matrix, layer, global.\n',
  ],
  [['--granularity', 'n:m', '--sparsity', '0.5'], '--sparsity cannot be used with --granularity n:m.\n'],
  [['--sparsity', '0.5', '--block', '4x4'], '--block cannot be used with --granularity weight.\n'],
  [['--sparsity', '0.5', '--max-bytes', '9'], '--max-bytes cannot be used with --sparsity.\n'],
  [
    ['--sparsity', '0.5', '--granularity', 'block', '--block', '4'],
    '--block is "4"; expected rows and columns of a block, such as 4x4.\n',
  ],
  [
    ['--granularity', 'n:m', '--pattern', '4:2'],
    '--pattern is "4:2"; expected how many weights are kept of how many, such as 2:4.\n',
  ],
  [
    ['--sparsity', '0.5', '--targets', 'lstm'],
    '--targets is lstm; expected targets by name, such as lstm_1=0.9,lstm_2/recurrent=0.8.\n',
  ],
];
for (const [flags, line] of incompatible) {
  test(`${flags.join(' ')} is refused with what goes together`, async () => {
    const { code, err } = await lstmPruner(['prune', model, '--data', data, ...flags]);
    assert.deepEqual([code, err], [2, line]);
  });
}

test('names that the model does not have are refused with those that it has', async () => {
  for (const flag of ['--include', '--exclude', '--targets'])
    await assertFails([...prune, flag, flag === '--targets' ? 'nosuch=0.5' : 'nosuch'], 2, '"nosuch"');
  await assertFails([...prune, '--exclude', '*'], 2, 'Everything is excluded');
});

test('a budget that cannot be met is refused with the least that can', async () => {
  const { code, err } = await lstmPruner(['prune', model, '--max-parameters', '1']);
  assert.equal(code, 1);
  assert.match(err, /^--max-parameters 1 cannot be reached: \d+ remain /);
});
