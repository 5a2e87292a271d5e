import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { showProgress, type Terminal } from '../../../extension/cli/progress.ts';
import type { JobProgress } from '../../../extension/protocol/requests.ts';
import { displayWidth } from '../../../extension/report/textTable.ts';
import { chinese, english } from '../report/translators.ts';

/** A terminal that keeps what is written to it. */
function terminal(columns: number, isTTY = true) {
  const lines: string[] = [];
  const stream: Terminal = {
    isTTY,
    columns,
    cursorTo: () => true,
    clearLine: () => true,
    write: (text: unknown) => {
      lines.push(String(text));
      return true;
    },
  };
  return { stream, lines };
}

const training: JobProgress = {
  stage: 'finetune',
  done: 0.456,
  finetune: { epoch: 3, epochs: 10, loss: 0.45123, validationLoss: 0.4712, sparsity: 0.9, secondsLeft: 40 },
};

test('a line tells the stage, and of fine-tuning the epoch, losses, sparsity and time left', () => {
  const { stream, lines } = terminal(200);
  const line = showProgress(stream, { t: english, locale: 'en' });
  line.show({ stage: 'open', done: 0 });
  line.show(training);
  line.end();
  assert.deepEqual(lines, [
    '  0 %  Reading the model…',
    ' 46 %  Fine-tuning…  Epoch 3 of 10 · Training loss 0.4512 · Validation loss 0.4712 · Sparsity 90.0% · 40 sec left',
    '',
  ]);
});

test('of a search it tells the trial, what it aims at, the best so far and the time left', () => {
  const { stream, lines } = terminal(200);
  const line = showProgress(stream, { t: english, locale: 'en' });
  const search = {
    trial: 3,
    trials: 10,
    sparsity: 0.822,
    best: { trial: 2, sparsity: 0.684 },
    secondsLeft: 600,
  };
  line.show({ stage: 'prune', done: 0.3, search });
  line.show({ stage: 'evaluate', done: 0.4, search: { trial: 1, sparsity: 0.9 } });
  assert.deepEqual(lines, [
    ' 30 %  Trial 3 of 10 · aims at 82.2% · best so far 68.4% · 10 min left  Pruning…',
    ' 40 %  Trial 1 · aims at 90.0%  Measuring the loss…',
  ]);
});

test('it never wraps, in any language', async () => {
  for (const t of [english, await chinese()]) {
    for (const columns of [20, 40, 80]) {
      const { stream, lines } = terminal(columns);
      showProgress(stream, { t, locale: 'en' }).show(training);
      assert.ok(displayWidth(lines[0]) < columns, lines[0]);
      assert.ok(displayWidth(lines[0]) >= columns - 3, lines[0]);
    }
  }
});

test('it is written no oftener than can be read, but at once where a stage begins', async () => {
  const { stream, lines } = terminal(80);
  const line = showProgress(stream, { t: english, locale: 'en' });
  for (let i = 0; i < 50; i++) line.show({ stage: 'finetune', done: i / 100 });
  line.show({ stage: 'write', done: 0.8 });
  assert.equal(lines.length, 2);
  await setTimeout(120);
  line.show({ stage: 'write', done: 0.81 });
  assert.equal(lines.length, 3);
});

test('nothing is written where nobody looks', () => {
  const { stream, lines } = terminal(80, false);
  const line = showProgress(stream, { t: english, locale: 'en' });
  line.show(training);
  line.end();
  assert.deepEqual(lines, []);
});
