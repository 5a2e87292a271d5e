import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { writeSequenceData } from '../support/sequenceData.ts';
import {
  acceptAll,
  backgroundProcesses,
  closeAllEditors,
  exampleModel,
  folderWith,
  gatesTextOf,
  namesIn,
  until,
} from './driving.ts';

describe('Prune LSTM', () => {
  const folders: string[] = [];

  async function models(...names: string[]) {
    const made = await folderWith(...names);
    folders.push(made.folder);
    return made;
  }

  afterEach(async () => {
    await closeAllEditors();
    for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
  });

  it('writes a pruned copy beside the original, and shows it', async () => {
    const {
      folder,
      models: [model],
    } = await models('m.keras');
    const original = await readFile(model.fsPath);
    await acceptAll(vscode.commands.executeCommand('lstmPruner.prune', model));
    assert.deepEqual(await namesIn(folder), ['m.keras', 'm.pruned.keras']);
    assert.deepEqual(await readFile(model.fsPath), original);
    const pruned = vscode.Uri.file(join(folder, 'm.pruned.keras'));
    assert.match(await gatesTextOf(pruned), /, 80\.0% of the prunable weights are zero/);
    await until('the panel', () => panels().length > 0);
  });

  it('overwrites nothing when it runs again', async () => {
    const {
      folder,
      models: [model],
    } = await models('m.keras');
    await acceptAll(vscode.commands.executeCommand('lstmPruner.prune', model));
    const first = await readFile(join(folder, 'm.pruned.keras'));
    await acceptAll(vscode.commands.executeCommand('lstmPruner.prune', model));
    assert.deepEqual(await namesIn(folder), ['m.keras', 'm.pruned-2.keras', 'm.pruned.keras']);
    assert.deepEqual(await readFile(join(folder, 'm.pruned.keras')), first);
  });

  it('takes several files that are selected, and passes over what is no model', async () => {
    const {
      folder,
      models: [a, b],
    } = await models('a.keras', 'b.keras');
    const note = vscode.Uri.file(join(folder, 'note.txt'));
    await writeFile(note.fsPath, 'no model');
    await acceptAll(vscode.commands.executeCommand('lstmPruner.prune', a, [a, note, b]));
    assert.deepEqual(await namesIn(folder), [
      'a.keras',
      'a.pruned.keras',
      'b.keras',
      'b.pruned.keras',
      'note.txt',
    ]);
  });

  it('goes on with the next file after one that is damaged', async () => {
    const {
      folder,
      models: [good],
    } = await models('z.keras');
    const bad = vscode.Uri.file(join(folder, 'bad.keras'));
    const noise = randomBytes(4096);
    await writeFile(bad.fsPath, noise);
    await acceptAll(vscode.commands.executeCommand('lstmPruner.prune', bad, [bad, good]));
    assert.deepEqual(await namesIn(folder), ['bad.keras', 'z.keras', 'z.pruned.keras']);
    assert.deepEqual(await readFile(bad.fsPath), noise);
  });

  it('remembers the last choices', async () => {
    const {
      folder,
      models: [model],
    } = await models('m.keras');
    const chosen = vscode.commands.executeCommand('lstmPruner.prune', model);
    // The dialog is open by then; its list begins at 80 %, the share after it is 90 %.
    await sleep(1000);
    await vscode.commands.executeCommand('workbench.action.quickOpenSelectNext');
    await acceptAll(chosen);
    await acceptAll(vscode.commands.executeCommand('lstmPruner.prune', model));
    for (const name of ['m.pruned.keras', 'm.pruned-2.keras']) {
      assert.match(await gatesTextOf(vscode.Uri.file(join(folder, name))), /, 90\.0% of the prunable/, name);
    }
    // Back to 80 % for whoever comes next.
    const restored = vscode.commands.executeCommand('lstmPruner.prune', model);
    await sleep(1000);
    await vscode.commands.executeCommand('workbench.action.quickOpenSelectPrevious');
    await acceptAll(restored);
    assert.match(
      await gatesTextOf(vscode.Uri.file(join(folder, 'm.pruned-3.keras'))),
      /, 80\.0% of the prunable/,
    );
  });

  it('works again after its background process was killed', async () => {
    const {
      folder,
      models: [model],
    } = await models('m.keras');
    await vscode.commands.executeCommand('lstmPruner.showGates', model);
    const [running] = await until('the background process', async () => {
      const found = await backgroundProcesses();
      return found.length > 0 ? found : undefined;
    });
    process.kill(running, 'SIGKILL');
    await until('its end', async () => !(await backgroundProcesses()).includes(running));
    await acceptAll(vscode.commands.executeCommand('lstmPruner.prune', model));
    assert.deepEqual(await namesIn(folder), ['m.keras', 'm.pruned.keras']);
    const now = await backgroundProcesses();
    assert.ok(now.length > 0 && !now.includes(running), 'no new process was started');
  });

  it('leaves nothing half-written when its background process is killed meanwhile, and works again', async () => {
    const {
      folder,
      models: [model],
    } = await models('m.keras');
    await writeSequenceData(join(folder, 'data.npz'));
    // Evaluating remembers the data, so that the prune measures on it, and takes its time.
    await acceptAll(vscode.commands.executeCommand('lstmPruner.evaluate', model));
    const [running] = await backgroundProcesses();
    const pruning = withoutFinetuning(vscode.commands.executeCommand('lstmPruner.prune', model));
    await until('the file being written', async () =>
      (await namesIn(folder)).some((name) => name.endsWith('.tmp')),
    );
    process.kill(running, 'SIGKILL');
    await pruning;
    assert.deepEqual(await namesIn(folder), ['data.npz', 'm.keras']);
    await acceptAll(vscode.commands.executeCommand('lstmPruner.prune', model));
    assert.deepEqual(await namesIn(folder), ['data.npz', 'm.keras', 'm.pruned.keras']);
  });

  it('leaves nothing when it is asked to prune what is no model', async () => {
    const {
      folder,
      models: [model],
    } = await models('m.keras');
    const note = vscode.Uri.file(join(folder, 'note.txt'));
    await rm(model.fsPath);
    await writeFile(note.fsPath, 'no model');
    await acceptAll(vscode.commands.executeCommand('lstmPruner.prune', note));
    assert.deepEqual(await namesIn(folder), ['note.txt']);
  });

  it('leaves the example itself alone', async () => {
    assert.match(await gatesTextOf(vscode.Uri.file(exampleModel())), /, 0\.0% of the prunable/);
  });
});

describe('Evaluate', () => {
  it('measures a model on the data beside it and shows the result', async () => {
    const {
      folder,
      models: [model],
    } = await folderWith('m.keras');
    await writeSequenceData(join(folder, 'data.npz'));
    await acceptAll(vscode.commands.executeCommand('lstmPruner.evaluate', model));
    await until('the panel', () => panels().some(({ label }) => label === 'Evaluation: m.keras'));
    assert.deepEqual(await namesIn(folder), ['data.npz', 'm.keras']);
    await closeAllEditors();
    await rm(folder, { recursive: true, force: true });
  });
});

/** Answers the questions as they stand, but for the fourth: no fine-tuning. The next prune remembers it. */
async function withoutFinetuning(command: Thenable<unknown>): Promise<void> {
  for (let step = 1; step <= 3; step++) {
    await sleep(700);
    await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
  }
  await sleep(700);
  // From 10 epochs over 5 to none.
  for (let up = 0; up < 2; up++)
    await vscode.commands.executeCommand('workbench.action.quickOpenSelectPrevious');
  await acceptAll(command);
}

function panels(): vscode.Tab[] {
  return vscode.window.tabGroups.all
    .flatMap(({ tabs }) => tabs)
    .filter(({ input }) => input instanceof vscode.TabInputWebview && input.viewType.includes('lstmPruner'));
}
