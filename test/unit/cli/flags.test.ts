import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PruneReport } from '../../../extension/protocol/report.ts';
import { writeKerasH5 } from '../../support/kerasFile.ts';
import { json, lstmPruner } from './command.ts';
import { commandFiles } from './commandFiles.ts';
import { flagEffects } from './flagEffects.ts';

const { write, inPlace, ...data } = await commandFiles();
const takesEffect = flagEffects(data);

test('every flag that the help names is taken, and no other', async () => {
  const { out } = await lstmPruner(['--help']);
  const named = new Set([...out.matchAll(/--([a-z][a-z0-9-]*)/g)].map(([, flag]) => flag));
  const tried = new Set(
    [...takesEffect.flatMap(({ args }) => args), '--json', '--help', '--data']
      .filter((arg) => arg.startsWith('--'))
      .map((arg) => arg.slice(2)),
  );
  const elsewhere = [
    'out',
    'report',
    'force',
    'recipe',
    'save-recipe',
    'window',
    'horizon',
    'stride',
    'scale',
    'keep-best',
    'levels',
    'max-loss-increase',
    'time-budget',
    'trials',
    'control',
  ];
  for (const flag of elsewhere) tried.add(flag);
  assert.deepEqual([...named].sort(), [...tried].sort());
});

for (const { args, check } of takesEffect) {
  test(`prune ${args.filter((arg) => arg.startsWith('--')).join(' ')} takes effect`, async () => {
    await inPlace(async ({ model: path }) =>
      check((await json(['prune', path, ...args])) as unknown as PruneReport),
    );
  });
}

test('a .csv is cut by --window, --horizon, --stride and --scale', async () => {
  const config = {
    class_name: 'Sequential',
    config: {
      name: 's',
      layers: [
        {
          class_name: 'LSTM',
          config: {
            name: 'lstm',
            units: 1,
            use_bias: false,
            activation: 'tanh',
            recurrent_activation: 'sigmoid',
            batch_input_shape: [null, null, 1],
          },
        },
      ],
    },
  };
  const weights = [
    { name: 'k', shape: [1, 4], values: [1, 2, 3, 4] },
    { name: 'r', shape: [1, 4], values: [1, 2, 3, 4] },
  ];
  const series = await writeKerasH5(write('series.h5', ''), { config, layers: [{ name: 'lstm', weights }] });
  const csv = write('series.csv', `v\n${Array.from({ length: 50 }, (_, i) => Math.sin(i)).join('\n')}\n`);
  const cut = [
    '--data',
    csv,
    '--x',
    'v',
    '--y',
    'v',
    '--window',
    '4',
    '--horizon',
    '2',
    '--stride',
    '3',
    '--scale',
    'minmax',
    '--split',
    'all',
  ];
  const report = await json(['evaluate', series, ...cut]);
  // floor((50 − 4 − 2) / 3) + 1
  assert.equal(report.samples, 15);
  assert.ok((report.notes as { code: string }[]).some(({ code }) => code === 'noteScaled'));
});
