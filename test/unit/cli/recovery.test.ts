import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PruneReport } from '../../../extension/protocol/report.ts';
import { writeKerasH5 } from '../../support/kerasFile.ts';
import { smallLegacy } from '../../support/smallModels.ts';
import { assertFails, json, lstmPruner } from './command.ts';
import { commandFiles } from './commandFiles.ts';

const { write, model, xFile, data, inPlace } = await commandFiles();
const trained = ['--sparsity', '0.6', '--epochs', '4', '--batch', '4', '--learning-rate', '0.02'];
const unsupervised = ['--x', xFile, '--recovery', 'unsupervised'];
const linear = await writeKerasH5(
  write('linear.h5', ''),
  smallLegacy(1, {
    config: JSON.parse(JSON.stringify(smallLegacy().config).replace('"softmax"', '"linear"')),
  }),
);

test('inputs alone recover a model by the original, and tell the divergence instead of a loss', async () => {
  await inPlace(async ({ model: path }) => {
    const report = (await json(['prune', path, ...trained, ...unsupervised])) as unknown as PruneReport;
    const { pruned, after, finetune } = report;
    assert.deepEqual([pruned.loss, after.loss], [undefined, undefined]);
    assert.ok((after.divergence?.value ?? 1) < (pruned.divergence?.value ?? 0));
    const { recovery, match, temperature, mix } = finetune ?? {};
    assert.deepEqual([recovery, match, temperature, mix], ['unsupervised', 'kl', 1, undefined]);
  });
});

test('the table says what was learned from, and measures the divergence', async () => {
  await inPlace(async ({ model: path }) => {
    const { code, out, err } = await lstmPruner(['prune', path, ...trained, ...unsupervised]);
    assert.deepEqual([code, err], [0, '']);
    assert.match(out, /^Trained by +Matching the original's outputs, KL divergence, temperature 1\n/m);
    assert.match(out, /^Divergence from the original \(KL\) /m);
    assert.doesNotMatch(out, /^Loss/m);
    const labelled = ['--data', data, '--recovery', 'distillation', '--mix', '0.25'];
    const distilled = await lstmPruner(['prune', path, ...trained, ...labelled, '--force']);
    assert.match(
      distilled.out,
      /^Trained by +Distillation .*KL divergence, temperature 2, 25.0% of the loss/m,
    );
    assert.match(distilled.out, /^Loss/m);
  });
});

/** Flags that do not go together, and what the line says. */
const refused: [string[], string][] = [
  [['--data', data, '--group-lasso', '0.1'], '--group-lasso cannot be used with --granularity weight.'],
  [['--data', data, '--mix', '0.5'], '--mix cannot be used with --recovery supervised.'],
  [['--data', data, '--temperature', '2'], '--temperature cannot be used with --recovery supervised.'],
  [['--x', xFile, '--recovery', 'distillation'], 'Give --y.'],
  [
    [...unsupervised, '--match', 'mse', '--temperature', '2'],
    '--temperature cannot be used with --match mse.',
  ],
  [[...unsupervised, '--criterion', 'taylor'], 'has no targets. Give the targets too'],
];
for (const [flags, line] of refused) {
  test(`${flags.slice(2).join(' ')} is refused`, () =>
    assertFails(['prune', model, ...trained, ...flags], 2, line));
}

test('kl is refused for outputs that are no probabilities', () =>
  assertFails(['prune', linear, ...trained, ...unsupervised, '--match', 'kl'], 2, 'are linear', 'mse'));

test('without epochs there is nothing to recover', () =>
  assertFails(
    ['prune', model, '--sparsity', '0.5', ...unsupervised],
    2,
    '--recovery has no effect without fine-tuning',
  ));
