import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import * as vscode from 'vscode';

const id = 'lstm-pruner.lstm-pruner';

describe('activation', () => {
  it('takes under 50 ms', async () => {
    const extension = vscode.extensions.getExtension<{ activationMilliseconds: number }>(id);
    assert.ok(extension, `${id} is not installed`);
    const { activationMilliseconds } = await extension.activate();
    console.log(`measured: activation ${activationMilliseconds.toFixed(1)} ms`);
    assert.ok(activationMilliseconds < 50, `activation took ${activationMilliseconds} ms`);
  });

  it('offers every command that package.json promises', async () => {
    const manifest = vscode.extensions.getExtension(id)!.packageJSON as {
      contributes: { commands: { command: string }[] };
    };
    const promised = manifest.contributes.commands.map(({ command }) => command);
    assert.ok(promised.includes('lstmPruner.prune'));
    const registered = await vscode.commands.getCommands(true);
    assert.deepEqual(
      promised.filter((command) => !registered.includes(command)),
      [],
    );
  });
});
