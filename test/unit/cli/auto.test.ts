import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { AutoReport } from '../../../extension/protocol/auto.ts';
import { finetuneData } from '../../support/finetuneData.ts';
import { sha256 } from '../../support/jobContext.ts';
import { assertFails, json, lstmPruner } from './command.ts';
import { commandFiles } from './commandFiles.ts';

const { write, inPlace } = await commandFiles();
const data = write('learn.npz', finetuneData({ train: 60, val: 20, test: 20 }));

const quick = ['--data', data, '--engine', 'wasm', '--threads', '1', '--batch', '8'];
const args = (model: string, ...more: string[]) => [
  'auto',
  model,
  ...quick,
  '--max-loss-increase',
  '9',
  ...more,
];

/** The contract's document of a search. */
async function searched(command: readonly string[], checkpoints: string): Promise<AutoReport> {
  const report = await json(command, { env: { LSTM_PRUNER_CHECKPOINTS: checkpoints } });
  return report as unknown as AutoReport;
}

/** Models that are kept of trials. */
function keptIn(checkpoints: string): string[] {
  const folders = existsSync(checkpoints) ? readdirSync(checkpoints) : [];
  const trials = folders.filter((name) => name.endsWith('.trials'));
  return trials.flatMap((name) =>
    readdirSync(join(checkpoints, name)).filter((one) => /^[0-9a-f]+\.json$/.test(one)),
  );
}

test('auto --json is one document in the shape of the contract, and the file is there', async () => {
  await inPlace(async ({ model, folder, files }) => {
    const before = sha256(model);
    const out = join(folder, 'small.h5');
    const recipe = join(folder, 'best.lstmprune.json');
    const more = ['--trials', '3', '--epochs', '1', '--out', out, '--save-recipe', recipe];
    const report = await searched(args(model, ...more), join(folder, 'checkpoints'));
    assert.equal(report.output, out);
    assert.deepEqual(
      report.trials.map(({ id }) => id),
      [1, 2, 3],
    );
    assert.ok(report.front.length > 0 && report.front.every((id) => id >= 1 && id <= 3));
    assert.equal(sha256(model), before);
    assert.deepEqual(files(), ['best.lstmprune.json', 'checkpoints', 'model.h5', 'small.h5']);
    // What the recipe gives is the model that was written.
    const again = await json(['prune', model, '--recipe', recipe, '--engine', 'wasm', '--threads', '1']);
    assert.equal(sha256(String(again.output)), sha256(out));
    const { layers } = (await json(['inspect', out])) as { layers: { sparsity: number }[] };
    assert.equal(layers[0].sparsity, report.trials[report.best - 1].result?.sparsity);
  });
});

test('auto takes nothing that says how much goes, and says in a line which flag says how far it may', async () => {
  await inPlace(async ({ model, folder }) => {
    const env = { LSTM_PRUNER_CHECKPOINTS: join(folder, 'checkpoints') };
    for (const [flag, ...value] of [
      ['--sparsity', '0.9'],
      ['--k', '1'],
      ['--pattern', '2:4'],
      ['--gates', 'i=0.9'],
      ['--targets', 'lstm=0.9'],
      ['--max-parameters', '50'],
      ['--max-bytes', '500'],
      ['--max-multiply-adds', '500'],
      ['--control'],
    ]) {
      const { code, out, err } = await lstmPruner(args(model, flag, ...value), { env });
      assert.deepEqual([code, out], [2, '']);
      assert.match(err, new RegExp(`^${flag} .*--max-loss-increase.*\\n$`));
      assert.equal(err.includes('compares its trials'), flag === '--control');
    }
  });
});

test('auto without --json is a table for people, and writes its report in the format of the name', async () => {
  await inPlace(async ({ model, folder }) => {
    const env = { LSTM_PRUNER_CHECKPOINTS: join(folder, 'checkpoints') };
    for (const [name, part] of [
      ['r.html', '<svg role="img"'],
      ['r.md', '| Unpruned |'],
      ['r.json', '"front"'],
    ]) {
      const report = join(folder, name);
      const more = ['--trials', '2', '--epochs', '1', '--report', report];
      const { code, out, err } = await lstmPruner(args(model, ...more), { env });
      assert.deepEqual([code, err], [0, '']);
      assert.match(out, /^Trial \d is the smallest within the budget: /);
      assert.match(out, /^1 +sensitivity +\d/m);
      assert.ok(readFileSync(report, 'utf8').includes(part), name);
    }
  });
});

test('killed after its second trial, the same command goes on to the same front and the same bytes', async () => {
  await inPlace(async ({ model, folder, files }) => {
    const checkpoints = join(folder, 'checkpoints');
    const command = args(model, '--trials', '4', '--epochs', '60', '--learning-rate', '0.01');
    const killed = await lstmPruner([...command, '--json'], {
      env: { LSTM_PRUNER_CHECKPOINTS: checkpoints },
      signal: 'SIGKILL',
      interruptWhen: () => keptIn(checkpoints).length >= 2,
    });
    assert.deepEqual([killed.code, killed.out], [null, '']);
    assert.deepEqual(files(), ['checkpoints', 'model.h5']);
    const kept = keptIn(checkpoints);
    assert.ok(kept.length >= 2 && kept.length < 4, `${kept}`);
    const resumed = await searched(command, checkpoints);
    const unbroken = await searched([...command, '--no-resume'], join(folder, 'others'));
    const told = ({ trials, front, best }: AutoReport) => ({
      front,
      best,
      losses: trials.map(({ result }) => [result?.sizes.nonzero, result?.validationLoss, result?.loss]),
    });
    assert.deepEqual(told(resumed), told(unbroken));
    assert.equal(sha256(resumed.output), sha256(unbroken.output));
    const sum = (trials: AutoReport['trials']) => trials.reduce((all, { seconds }) => all + seconds, 0);
    const again = await searched(command, checkpoints);
    assert.deepEqual(told(again), told(resumed));
    assert.ok(again.seconds < sum(again.trials));
  });
});

test('Ctrl+C gives a search up and says what is kept; with --keep-best it writes the best so far', async () => {
  await inPlace(async ({ model, folder, files }) => {
    for (const keepBest of [false, true]) {
      const checkpoints = join(folder, `checkpoints ${keepBest}`);
      let sent = false;
      const more = ['--trials', '9', '--epochs', '40', ...(keepBest ? ['--keep-best'] : [])];
      const { code, out, err } = await lstmPruner([...args(model, ...more), '--json'], {
        env: { LSTM_PRUNER_CHECKPOINTS: checkpoints },
        interruptWhen: () => {
          const now = !sent && keptIn(checkpoints).length >= 2;
          sent ||= now;
          return now;
        },
      });
      if (!keepBest) {
        assert.deepEqual([code, out], [130, ''], err);
        assert.match(err, /^Cancelled\. Nothing was written; the same command goes on [^\n]+\n$/);
        assert.ok(!files().includes('model.pruned.h5'));
        continue;
      }
      assert.equal(code, 0, err);
      assert.match(err, /the best trial so far is written/);
      const report: AutoReport = JSON.parse(out);
      assert.equal(report.stopped, 'cancelled');
      assert.ok(existsSync(report.output));
    }
  });
});

test('auto says on one line that no trial is within the budget, and writes nothing', async () => {
  await inPlace(async ({ model, folder, files }) => {
    const env = { LSTM_PRUNER_CHECKPOINTS: join(folder, 'checkpoints') };
    const command = ['auto', model, ...quick, '--max-loss-increase', '0', '--trials', '1', '--epochs', '0'];
    const strict = [...command, '--exclude', '*/kernel', '--criterion', 'random', '--seed', '3'];
    const { code, out, err } = await lstmPruner([...strict, '--json'], { env });
    assert.deepEqual([code, out], [1, '']);
    assert.match(err, /^No trial is within the loss budget: [^\n]* trial 1 with 55\.0% sparsity[^\n]*\n$/);
    assert.deepEqual(files(), ['checkpoints', 'model.h5']);
  });
});

test('auto takes from a recipe all but how much it prunes, and flags win over it', async () => {
  await inPlace(async ({ model, folder }) => {
    const recipe = write(
      'all.lstmprune.json',
      JSON.stringify({ data, sparsity: 0.5, epochs: 3, scope: 'gate', l2: 0.1 }),
    );
    const command = ['auto', model, '--recipe', recipe, '--epochs', '1', '--trials', '1', '--threads', '1'];
    const report = await searched([...command, '--max-loss-increase', '900%'], join(folder, 'checkpoints'));
    const { sparsity, epochs, scope, l2 } = report.trials[0].recipe;
    assert.deepEqual([sparsity, epochs, scope, l2], [undefined, 1, 'gate', 0.1]);
  });
});

test('auto refuses what it cannot do', async () => {
  const file = write('some.h5', 'no model');
  const search = (...more: string[]) => ['auto', file, '--data', data, ...more];
  await assertFails(search(), 2, '--max-loss-increase');
  await assertFails(search('--max-loss-increase', '2 percent'), 2, '--max-loss-increase', '2%');
  await assertFails(search('--max-loss-increase', '2%', '--time-budget', '30'), 2, '--time-budget', '1h30m');
  await assertFails(search('--max-loss-increase', '2%', '--trials', '0'), 2, '--trials');
  await assertFails(search('--max-loss-increase', '2%', '--sparsity', '0.5'), 2, '--sparsity');
  await assertFails(search('--max-loss-increase', '2%', '--criterion', 'threshold'), 2, '--criterion');
  await assertFails(['auto', file, '--max-loss-increase', '2%'], 2, '--data');
  await assertFails(search('--max-loss-increase', '2%'), 1, 'some.h5');
  await assertFails(['prune', file, '--sparsity', '0.5', '--trials', '3'], 2, '--trials');
});
