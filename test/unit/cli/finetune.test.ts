import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { finetuneData } from '../../support/finetuneData.ts';
import { writeKerasH5 } from '../../support/kerasFile.ts';
import { smallLegacy } from '../../support/smallModels.ts';
import { lstmPruner } from './command.ts';
import { commandFiles } from './commandFiles.ts';

const { write, inPlace } = await commandFiles();
const data = write('learn.npz', finetuneData({ train: 400, val: 20, test: 20 }));
await writeKerasH5(write('model.h5', ''), smallLegacy());

/** A command that takes a while in each of its epochs, with one thread. */
const args = (model: string, epochs: number, ...more: string[]) => [
  ...['prune', model, '--sparsity', '0.5', '--data', data, '--epochs', String(epochs), '--batch', '2'],
  ...['--learning-rate', '0.01', '--decay', 'cosine', '--engine', 'wasm', '--threads', '1', ...more],
];

/** Tells how often what stands in a folder was replaced. */
function replacements(folder: string): () => number {
  let [count, last] = [0, ''];
  return () => {
    const names = existsSync(folder)
      ? readdirSync(folder).filter((name) => name.endsWith('.checkpoint'))
      : [];
    if (names.length === 0) return count;
    const now = readFileSync(join(folder, names[0]));
    const mark = `${now.length} ${now.subarray(-32).toString('hex')}`;
    if (mark !== last) count++;
    last = mark;
    return count;
  };
}

test('killed after its second epoch, the same command goes on and writes the bytes of an unbroken run', async () => {
  await inPlace(async ({ model, folder, files }) => {
    const checkpoints = join(folder, 'checkpoints');
    const env = { LSTM_PRUNER_CHECKPOINTS: checkpoints };
    const unbroken = join(folder, 'unbroken.h5');
    const first = await lstmPruner(args(model, 12, '--out', unbroken), { env });
    assert.deepEqual([first.code, first.err], [0, '']);
    assert.deepEqual(readdirSync(checkpoints), []);

    const written = replacements(checkpoints);
    const killed = await lstmPruner(args(model, 12, '--json'), {
      env,
      signal: 'SIGKILL',
      interruptWhen: () => written() >= 2,
    });
    assert.deepEqual([killed.code, killed.out], [null, '']);
    assert.ok(!files().includes('model.pruned.h5'));

    const resumed = await lstmPruner(args(model, 12, '--json'), { env });
    assert.equal(resumed.code, 0, resumed.err);
    const report = JSON.parse(resumed.out);
    assert.ok(
      report.finetune.resumedAt >= 2 && report.finetune.resumedAt < 12,
      `${report.finetune.resumedAt}`,
    );
    assert.equal(report.finetune.epochs.length, 12);
    assert.deepEqual(readFileSync(report.output), readFileSync(unbroken));
    assert.deepEqual(readdirSync(checkpoints), []);
  });
});

test('the first Ctrl+C gives fine-tuning up; with --keep-best it writes the best weights', async () => {
  await inPlace(async ({ model, folder, files }) => {
    for (const keepBest of [false, true]) {
      const checkpoints = join(folder, `checkpoints ${keepBest}`);
      const written = replacements(checkpoints);
      let interrupted = false;
      const { code, out, err } = await lstmPruner(
        args(model, 500, '--json', ...(keepBest ? ['--keep-best'] : [])),
        {
          env: { LSTM_PRUNER_CHECKPOINTS: checkpoints },
          interruptWhen: () => {
            const now = !interrupted && written() >= 1;
            interrupted ||= now;
            return now;
          },
        },
      );
      if (!keepBest) {
        assert.deepEqual([code, out], [130, ''], err);
        assert.match(err, /^Cancelled\. Nothing was written; [^\n]+\n$/);
        assert.ok(!files().includes('model.pruned.h5'));
        continue;
      }
      assert.equal(code, 0, err);
      assert.match(err, /the best weights so far are written/);
      const { finetune, output } = JSON.parse(out);
      assert.equal(finetune.stopped, 'cancelled');
      assert.ok(finetune.kept >= 1 && finetune.kept === finetune.best);
      assert.ok(existsSync(output));
      assert.deepEqual(readdirSync(checkpoints), []);
    }
  });
});

test('with --keep-best a second Ctrl+C gives everything up', async () => {
  // Validating what was trained takes so long that the second comes before the end.
  const slow = write('slow.npz', finetuneData({ train: 400, val: 20_000, test: 20 }));
  await inPlace(async ({ model, folder, files }) => {
    const checkpoints = join(folder, 'checkpoints');
    const written = replacements(checkpoints);
    let sent = 0;
    const { code, out, err } = await lstmPruner(args(model, 500, '--keep-best', '--data', slow), {
      env: { LSTM_PRUNER_CHECKPOINTS: checkpoints },
      interruptWhen: () => {
        const now = sent < 2 && written() >= 1;
        if (now) sent++;
        return now;
      },
    });
    assert.deepEqual([code, out, sent], [130, '', 2]);
    assert.match(err, /the best weights so far are written[^\n]*\nCancelled\. Nothing was written/);
    assert.ok(!files().includes('model.pruned.h5'));
  });
});
