import assert from 'node:assert/strict';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { pruneAll } from '../../extension/host/commands/pruneAll.ts';
import type { FinetuneProgress } from '../../extension/protocol/requests.ts';
import { messageOf } from '../../extension/protocol/userError.ts';
import { writeSequenceData } from '../support/sequenceData.ts';
import { backgroundProcesses, folderWith, namesIn, until } from './driving.ts';
import { settingsOf, TestServices } from './finetuning.ts';

describe('fine-tuning', function () {
  this.timeout(120_000);
  let folder: string;
  let model: vscode.Uri;
  let data: string;
  let test: TestServices;

  beforeEach(async () => {
    const made = await folderWith('m.keras');
    folder = made.folder;
    [model] = made.models;
    data = join(folder, 'data.npz');
    await writeSequenceData(data, 160);
    test = new TestServices(folder);
    await vscode.workspace.getConfiguration('lstmPruner').update('threads', 1);
  });

  afterEach(async () => {
    await vscode.workspace.getConfiguration('lstmPruner').update('threads', undefined);
    test.dispose();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  /** A prune straight through the client, so that a test can act on its progress. */
  async function prune(
    epochs: number,
    onTraining: (now: FinetuneProgress) => void,
    { token, finish }: { token?: vscode.CancellationToken; finish?: vscode.CancellationToken } = {},
  ) {
    const { choice, surroundings } = await test.services.engines.settingsFor(model);
    const recipe = { data, sparsity: 0.8, epochs, ...choice };
    return test.services.background.prune(
      { path: model.fsPath, recipe, ...surroundings },
      token,
      ({ finetune }) => finetune && onTraining(finetune),
      finish,
    );
  }

  const checkpoints = () => readdir(join(folder, 'storage', 'checkpoints')).catch(() => []);

  it('lowers the loss of a pruned model by the settings of the window, and leaves no checkpoint', async () => {
    await pruneAll(test.services, [model], settingsOf(test.services, data, 2));
    const [report] = test.results;
    assert.ok(report?.finetune, 'there is no result');
    assert.equal(report.recipe.threads, 1);
    assert.equal(report.finetune.epochs.length, 2);
    assert.ok(Number(report.after.loss) < Number(report.pruned.loss));
    assert.equal(report.after.sparsity, report.pruned.sparsity);
    assert.deepEqual(await namesIn(folder), ['data.npz', 'm.keras', 'm.pruned.keras', 'storage']);
    assert.deepEqual(await checkpoints(), []);
  });

  it('writes the best weights so far when it is ended by hand', async () => {
    const finish = new vscode.CancellationTokenSource();
    const report = await prune(500, ({ epoch }) => epoch >= 2 && finish.cancel(), { finish: finish.token });
    assert.equal(report.finetune?.stopped, 'cancelled');
    assert.ok(report.finetune.epochs.length < 500);
    assert.equal(report.finetune.kept, report.finetune.best);
    assert.deepEqual(await namesIn(folder), ['data.npz', 'm.keras', 'm.pruned.keras', 'storage']);
  });

  it('writes nothing when it is cancelled', async () => {
    const source = new vscode.CancellationTokenSource();
    const cancelled = prune(500, ({ epoch }) => epoch >= 2 && source.cancel(), { token: source.token });
    assert.equal((await failure(cancelled)).code, 'cancelled');
    assert.deepEqual(
      (await namesIn(folder)).filter((name) => name.includes('.pruned')),
      [],
    );
  });

  it('tells epoch, loss, sparsity and the time that is left', async () => {
    const seen: FinetuneProgress[] = [];
    const source = new vscode.CancellationTokenSource();
    const stopped = prune(
      500,
      (now) => {
        seen.push(now);
        // The first of an epoch has no loss yet.
        if (now.epoch >= 3 && now.loss !== undefined) source.cancel();
      },
      { token: source.token },
    );
    await failure(stopped);
    const last = seen.find(({ epoch, loss }) => epoch >= 3 && loss !== undefined);
    assert.ok(last, JSON.stringify(seen.at(-1)));
    assert.equal(last.epochs, 500);
    assert.ok(Math.abs(last.sparsity - 0.8) < 0.01);
    for (const value of [last.loss, last.validationLoss, last.bestValidationLoss, last.secondsLeft])
      assert.ok(Number.isFinite(value), JSON.stringify(last));
  });

  it('goes on where its process was killed, when it is run again', async () => {
    const others = await backgroundProcesses();
    await test.services.background.probe({ path: model.fsPath });
    const [own] = (await backgroundProcesses()).filter((id) => !others.includes(id));
    assert.ok(own);
    const epochs = 60;
    let alive = true;
    const killed = prune(epochs, ({ epoch }) => {
      if (epoch >= 3 && alive) alive = !process.kill(own, 'SIGKILL');
    });
    assert.equal((await failure(killed)).code, 'backgroundDied');
    assert.equal((await until('the checkpoint', checkpoints)).length > 0, true);
    const report = await prune(epochs, () => {});
    assert.ok(report.finetune?.resumedAt !== undefined && report.finetune.resumedAt >= 2);
    assert.deepEqual(
      report.finetune.epochs.map(({ epoch }) => epoch),
      Array.from({ length: epochs }, (_, i) => i + 1),
    );
    assert.deepEqual(await checkpoints(), []);
  });
});

async function failure(promise: Promise<unknown>) {
  return promise.then(
    () => assert.fail('it did not fail'),
    (error) => messageOf(error),
  );
}
