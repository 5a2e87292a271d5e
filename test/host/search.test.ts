import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { findSmallest } from '../../extension/host/commands/findSmallest.ts';
import type { AutoReport } from '../../extension/protocol/auto.ts';
import type { SearchProgress } from '../../extension/protocol/requests.ts';
import { messageOf } from '../../extension/protocol/userError.ts';
import { writeSequenceData } from '../support/sequenceData.ts';
import { acceptAll, closeAllEditors, folderWith, namesIn } from './driving.ts';
import { TestServices } from './finetuning.ts';

describe('Find the Smallest Model', function () {
  this.timeout(150_000);
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
  });

  afterEach(async () => {
    test.dispose();
    await closeAllEditors();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  /** A search straight through the client, so that a test can act on its progress. */
  function search(
    onTrial: (now: SearchProgress) => void,
    token?: vscode.CancellationToken,
    finish?: vscode.CancellationToken,
  ): Promise<AutoReport> {
    const options = { data, epochs: 1, maxLossIncrease: '50%', trials: 40, threads: 1 };
    const checkpoints = join(folder, 'storage', 'checkpoints');
    return test.services.background.auto(
      { path: model.fsPath, options, checkpoints },
      token,
      ({ search }) => search && onTrial(search),
      finish,
    );
  }

  it('asks for data, budget, time and epochs, and writes the smallest model within', async () => {
    const reports: AutoReport[] = [];
    test.services.panels.showSearch = (report) => void reports.push(report);
    const settings = { maxLossIncrease: '50%', timeBudget: '5s', epochs: 1 };
    await test.services.choices.set({ ...test.services.choices.get(), data: { data }, search: settings });
    await acceptAll(findSmallest(test.services, model), 90_000);
    const [report] = reports;
    assert.ok(report, 'there is no result');
    assert.deepEqual(
      [report.options.maxLossIncrease, report.options.timeBudget, report.options.epochs],
      ['50%', '5s', 1],
    );
    assert.ok(report.trials.length > 0);
    assert.deepEqual(await namesIn(folder), ['data.npz', 'm.keras', 'm.pruned.keras', 'storage']);
  });

  it('writes the best trial so far when it is ended by hand', async () => {
    const finish = new vscode.CancellationTokenSource();
    const report = await search(({ best }) => best && finish.cancel(), undefined, finish.token);
    assert.equal(report.stopped, 'cancelled');
    assert.ok(report.trials.length < 40);
    assert.deepEqual(await namesIn(folder), ['data.npz', 'm.keras', 'm.pruned.keras', 'storage']);
  });

  it('writes nothing when it is cancelled, and goes on with its trials the next time', async () => {
    const source = new vscode.CancellationTokenSource();
    const cancelled = search(({ trial }) => trial === 3 && source.cancel(), source.token);
    const { code } = await cancelled.then(() => assert.fail('it did not fail'), messageOf);
    assert.equal(code, 'cancelled');
    assert.deepEqual(await namesIn(folder), ['data.npz', 'm.keras', 'storage']);
    const trials: number[] = [];
    const finish = new vscode.CancellationTokenSource();
    const onTrial = ({ trial }: SearchProgress) => {
      trials.push(trial);
      if (trial >= 3) finish.cancel();
    };
    const report = await search(onTrial, undefined, finish.token);
    assert.equal(trials[0], 3);
    assert.equal(report.trials.length, 2);
  });
});
