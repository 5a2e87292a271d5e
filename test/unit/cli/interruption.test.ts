import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, test } from 'node:test';
import { Interruption } from '../../../extension/cli/interruption.ts';
import type { PruneReport } from '../../../extension/protocol/report.ts';
import type { JobProgress } from '../../../extension/protocol/requests.ts';
import { finetuneData } from '../../support/finetuneData.ts';
import { english } from '../report/translators.ts';
import { json, lstmPruner } from './command.ts';
import { commandFiles } from './commandFiles.ts';

const { write, inPlace } = await commandFiles();
const data = write('learn.npz', finetuneData({ train: 400, val: 20, test: 20 }));

/** A progress within an epoch, and the epochs of the checkpoint. */
function within(epoch: number, checkpoint?: number): JobProgress {
  const kept = checkpoint === undefined ? {} : { checkpoint };
  return { stage: 'finetune', done: 0.5, finetune: { epoch, epochs: 9, sparsity: 0.5, ...kept } };
}

describe('what is said of a command that was given up', () => {
  const interrupted = () => new Interruption({ t: english, locale: 'en' });

  it('is that it goes on after the epoch of the checkpoint, even while the model is written', () => {
    const interruption = interrupted();
    interruption.watch(within(3, 2));
    interruption.watch({ stage: 'write', done: 0.9 });
    assert.deepEqual(interruption.message, { code: 'cancelledCommand', args: { epoch: 2 } });
  });

  it('is that it goes on behind the trials of a search, and in the first behind its epochs', () => {
    const interruption = interrupted();
    const trial = (trial: number) => ({ ...within(3, 2), search: { trial, sparsity: 0.9 } });
    interruption.watch(trial(1));
    assert.deepEqual(interruption.message, { code: 'cancelledCommand', args: { epoch: 2 } });
    interruption.watch(trial(4));
    interruption.watch({ stage: 'write', done: 1 });
    assert.deepEqual(interruption.message, { code: 'cancelledSearch', args: { count: 3 } });
  });

  it('is no more than that where there is nothing to go on from', () => {
    const interruption = interrupted();
    assert.equal(interruption.message.code, 'cancelled');
    interruption.watch(within(1));
    assert.equal(interruption.message.code, 'cancelled');
    // The disk is full.
    interruption.watch(within(4));
    assert.equal(interruption.message.code, 'cancelled');
  });

  it('is no more than that where the command does not go on', () => {
    const interruption = interrupted();
    interruption.resumes = false;
    interruption.watch(within(3, 2));
    assert.equal(interruption.message.code, 'cancelled');
  });
});

test('while a small dense model is trained the pruned one can be kept: there is something to end', () => {
  const interruption = new Interruption({ t: english, locale: 'en' });
  const [write, said] = [process.stderr.write, [] as unknown[]];
  const signals = ['SIGINT', 'SIGTERM'] as const;
  const before = signals.map((signal) => process.listeners(signal));
  interruption.listen(true);
  interruption.watch({ stage: 'control', done: 0.8 });
  process.stderr.write = ((text: unknown) => said.push(text) > 0) as typeof write;
  try {
    process.emit('SIGINT');
    assert.deepEqual([interruption.finish.aborted, interruption.signal.aborted], [true, false]);
    assert.equal(said.length, 1);
    process.emit('SIGINT');
    assert.equal(interruption.signal.aborted, true);
  } finally {
    process.stderr.write = write;
    for (const [at, signal] of signals.entries())
      for (const listener of process.listeners(signal))
        if (!before[at].includes(listener)) process.off(signal, listener);
  }
});

test('a command that was interrupted goes on after the epoch that it has named', async () => {
  await inPlace(async ({ model, folder }) => {
    const checkpoints = join(folder, 'checkpoints');
    const env = { LSTM_PRUNER_CHECKPOINTS: checkpoints };
    const args = [
      ...['prune', model, '--sparsity', '0.5', '--data', data, '--epochs', '40', '--batch', '2'],
      ...['--learning-rate', '0.01', '--engine', 'wasm', '--threads', '1'],
    ];
    let interrupted = false;
    // Once, as a second signal ends the process at once.
    const interruptWhen = () => {
      if (interrupted || !existsSync(checkpoints)) return false;
      interrupted = readdirSync(checkpoints).some((name) => name.endsWith('.checkpoint'));
      return interrupted;
    };
    const { code, out, err } = await lstmPruner(args, { env, interruptWhen });
    assert.deepEqual([code, out], [130, ''], err);
    const [, epoch] =
      /^Cancelled\. Nothing was written; the same command goes on after epoch (\d+)\.\n$/.exec(err) ?? [];
    assert.ok(epoch, err);
    const { finetune } = (await json(args, { env })) as unknown as PruneReport;
    assert.equal(finetune?.resumedAt, Number(epoch));
  });
});
