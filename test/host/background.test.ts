import assert from 'node:assert/strict';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { BackgroundClient } from '../../extension/host/services/backgroundClient.ts';
import type { JobProgress } from '../../extension/protocol/requests.ts';
import { messageOf } from '../../extension/protocol/userError.ts';
import { writeSequenceData } from '../support/sequenceData.ts';
import { backgroundProcesses, exampleModel, folderWith, namesIn } from './driving.ts';

/** The forking client in a real extension host, where the executable and its flags are VS Code's. */
describe('the background process', () => {
  let client: BackgroundClient;
  let folder: string;
  let model: vscode.Uri;
  let data: string;

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
    data = join(folder, 'data.npz');
    await writeSequenceData(data);
  });

  afterEach(async () => {
    client.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  function prune(onProgress?: (progress: JobProgress) => void, token?: vscode.CancellationToken) {
    const recipe = { sparsity: 0.8, data };
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
    const order: string[] = [];
    let inspecting: Promise<unknown> | undefined;
    const pruning = prune(({ stage }) => {
      if (stage !== 'evaluateBefore') return;
      inspecting ??= client.inspect({ path: exampleModel() }).then(() => order.push('inspected'));
    }).then(() => order.push('pruned'));
    await pruning;
    await inspecting;
    assert.deepEqual(order, ['inspected', 'pruned']);
  });

  for (const stage of ['evaluateBefore', 'write', 'evaluateAfter'] as const) {
    it(`leaves nothing when a prune is cancelled at ${stage}`, async () => {
      const original = await readFile(model.fsPath);
      const source = new vscode.CancellationTokenSource();
      const pruning = prune((progress) => {
        if (progress.stage === stage) source.cancel();
      }, source.token);
      assert.equal((await failure(pruning)).code, 'cancelled');
      assert.deepEqual(await namesIn(folder), ['data.npz', 'm.keras']);
      assert.deepEqual(await readFile(model.fsPath), original);
    });
  }

  // At the second the output is there already, under its temporary name.
  for (const stage of ['evaluateBefore', 'evaluateAfter'] as const) {
    it(`says so when it is killed at ${stage}, leaves nothing half-written, and comes back`, async () => {
      const others = await backgroundProcesses();
      await client.probe({ path: model.fsPath });
      const [own] = (await backgroundProcesses()).filter((id) => !others.includes(id));
      assert.ok(own);
      const pruning = prune((progress) => {
        if (progress.stage === stage) process.kill(own, 'SIGKILL');
      });
      assert.deepEqual(await failure(pruning), { code: 'backgroundDied', args: { reason: 'SIGKILL' } });
      assert.deepEqual(await namesIn(folder), ['data.npz', 'm.keras']);
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

async function failure(promise: Promise<unknown>) {
  return promise.then(
    () => assert.fail('it did not fail'),
    (error) => messageOf(error),
  );
}
