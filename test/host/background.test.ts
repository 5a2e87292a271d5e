import assert from 'node:assert/strict';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { BackgroundClient } from '../../extension/host/services/backgroundClient.ts';
import type { JobProgress } from '../../extension/protocol/requests.ts';
import { messageOf } from '../../extension/protocol/userError.ts';
import { backgroundProcesses, exampleData, exampleModel, folderWith, namesIn } from './driving.ts';

/** The forking client in a real extension host, where the executable and its flags are VS Code's. */
describe('the background process', () => {
  let client: BackgroundClient;
  let folder: string;
  let model: vscode.Uri;

  beforeEach(async () => {
    const { extensionPath } = vscode.extensions.getExtension('lstm-pruner.lstm-pruner')!;
    client = new BackgroundClient({
      module: join(extensionPath, 'dist/background.js'),
      locale: 'en',
      log: () => {},
    });
    const made = await folderWith('m.keras');
    folder = made.folder;
    [model] = made.models;
  });

  afterEach(async () => {
    client.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  function prune(onProgress?: (progress: JobProgress) => void, token?: vscode.CancellationToken) {
    const recipe = { sparsity: 0.8, data: exampleData() };
    return client.prune({ path: model.fsPath, recipe }, token, onProgress);
  }

  it('says how far a prune is, in the order of its stages', async () => {
    const seen: JobProgress[] = [];
    await prune((progress) => seen.push(progress));
    const stages = [...new Set(seen.map(({ stage }) => stage))];
    assert.deepEqual(
      stages.filter((stage) =>
        ['evaluateBefore', 'prune', 'write', 'verify', 'evaluateAfter'].includes(stage),
      ),
      ['evaluateBefore', 'prune', 'write', 'verify', 'evaluateAfter'],
    );
    const done = seen.map((progress) => progress.done);
    assert.deepEqual(
      done,
      done.toSorted((a, b) => a - b),
    );
  });

  it('answers an inspect while a prune runs', async () => {
    let pruned = false;
    let inspected = false;
    const pruning = prune(async ({ stage }) => {
      if (stage !== 'evaluateBefore' || inspected) return;
      inspected = true;
      await client.inspect({ path: exampleModel() });
      assert.equal(pruned, false, 'the inspect was answered after the prune');
      inspectedInTime = true;
    });
    let inspectedInTime = false;
    await pruning;
    pruned = true;
    assert.ok(inspectedInTime, 'the inspect was not answered while the prune ran');
  });

  for (const stage of ['evaluateBefore', 'write', 'evaluateAfter'] as const) {
    it(`leaves nothing when a prune is cancelled at ${stage}`, async () => {
      const original = await readFile(model.fsPath);
      const source = new vscode.CancellationTokenSource();
      const outcome = await prune((progress) => {
        if (progress.stage === stage) source.cancel();
      }, source.token).then(
        () => 'done',
        (error) => messageOf(error).code,
      );
      assert.deepEqual(await readFile(model.fsPath), original);
      // A cancel that comes when the file is already whole may come too late.
      if (outcome === 'done') assert.equal(stage, 'write');
      else {
        assert.equal(outcome, 'cancelled');
        assert.deepEqual(await namesIn(folder), ['m.keras']);
      }
    });
  }

  for (const stage of ['evaluateBefore', 'write'] as const) {
    it(`says so when it is killed at ${stage}, leaves nothing half-written, and comes back`, async () => {
      const others = await backgroundProcesses();
      let own: number | undefined;
      const killed = prune(async (progress) => {
        if (progress.stage !== stage || own !== undefined) return;
        own = 0;
        [own] = (await backgroundProcesses()).filter((id) => !others.includes(id));
        if (own) process.kill(own, 'SIGKILL');
      });
      const error = await killed.then(
        () => undefined,
        (reason) => messageOf(reason),
      );
      const names = await namesIn(folder);
      // It may have ended its work before the signal came; a half-written file must never be there.
      assert.deepEqual(
        names.filter((name) => name !== 'm.keras' && name !== 'm.pruned.keras'),
        [],
      );
      if (stage === 'evaluateBefore') assert.deepEqual(names, ['m.keras']);
      if (stage === 'evaluateBefore' || error) {
        assert.equal(error?.code, 'backgroundDied');
        assert.equal(error?.args.reason, 'SIGKILL');
      }
      const { layers } = await client.inspect({ path: model.fsPath });
      assert.equal(layers.length, 1);
    });
  }

  it('ends with its client', async () => {
    const others = await backgroundProcesses();
    await client.probe({ path: model.fsPath });
    const [own] = (await backgroundProcesses()).filter((id) => !others.includes(id));
    assert.ok(own);
    client.dispose();
    for (let i = 0; i < 100 && (await backgroundProcesses()).includes(own); i++) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.equal((await backgroundProcesses()).includes(own), false);
  });
});
