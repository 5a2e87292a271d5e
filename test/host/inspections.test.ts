import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { appendFile, copyFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { BackgroundClient } from '../../extension/host/services/backgroundClient.ts';
import { Inspections } from '../../extension/host/services/inspections.ts';
import { stampOfModel } from '../../extension/host/services/modelFiles.ts';
import { layersAssumption } from '../../extension/protocol/layersAssumption.ts';
import { safetensorsFile, smallStack } from '../support/safetensorsFile.ts';
import { backgroundModule, exampleModel, folderWith, until } from './driving.ts';

describe('inspections', () => {
  let client: BackgroundClient;
  let inspections: Inspections;
  let folder: string;
  let model: vscode.Uri;

  before(() => {
    client = new BackgroundClient({ module: backgroundModule(), locale: 'en', log: () => {} });
  });
  after(() => client.dispose());

  beforeEach(async () => {
    inspections = new Inspections(client);
    const made = await folderWith('m.keras');
    folder = made.folder;
    [model] = made.models;
  });
  afterEach(async () => {
    inspections.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  it('keep what a job found in a file that is as it was before the job', async () => {
    const stamp = await stampOfModel(model);
    const report = await client.inspect({ path: model.fsPath });
    await inspections.record(model, report, stamp);
    assert.equal(inspections.known(model), report);
  });

  it('keep nothing of a file that changed during the job', async () => {
    const stamp = await stampOfModel(model);
    const report = await client.inspect({ path: model.fsPath });
    await appendFile(model.fsPath, 'more');
    await inspections.record(model, report, stamp);
    assert.equal(inspections.known(model), undefined);
  });

  it('stop watching a file that changed and that nothing shows', async () => {
    await inspections.inspect(model);
    assert.equal(inspections.watched, 1);
    await appendFile(model.fsPath, 'more');
    await until('the end of watching', () => inspections.watched === 0);
  });

  it('watch a file that something shows, even when it goes and comes back', async () => {
    const holder = inspections.hold(model);
    let changes = 0;
    inspections.onDidChange(() => changes++);
    // A file that comes and goes at once never was, for the watcher.
    await sleep(1000);
    const before = changes;
    await rm(model.fsPath);
    await until('word of its going', () => changes > before);
    await assert.rejects(inspections.inspect(model));
    const gone = changes;
    await copyFile(exampleModel(), model.fsPath);
    await until('word of its coming', () => changes > gone);
    await inspections.inspect(model);
    holder.dispose();
    assert.equal(inspections.watched, 1, 'what is known of it still holds');
  });

  it('watch a file in a folder that was made right after the one it lies in', async () => {
    // VS Code's own watcher misses a good part of such folders, so not all of many come through without ours.
    const models = Array.from({ length: 40 }, (_, index) => {
      const inner = join(folder, `run${index}`, 'model');
      mkdirSync(inner, { recursive: true });
      writeFileSync(join(inner, 'm.keras'), 'first');
      return vscode.Uri.file(join(inner, 'm.keras'));
    });
    const holders = models.map((one) => inspections.hold(one));
    // Word of their making may come late.
    await sleep(1500);
    const told = new Set<string>();
    inspections.onDidChange(({ fsPath }) => told.add(fsPath));
    for (const { fsPath } of models) writeFileSync(fsPath, 'second');
    await until('word of every change', () => told.size === models.length);
    vscode.Disposable.from(...holders).dispose();
  });

  it('watch the file beside a list of weights that says how its layers are connected', async () => {
    const list = vscode.Uri.file(join(folder, 'm.safetensors'));
    await writeFile(list.fsPath, safetensorsFile(smallStack()));
    const holder = inspections.hold(list);
    assert.ok(layersAssumption(await inspections.inspect(list)));
    let changes = 0;
    inspections.onDidChange(() => changes++);
    const layers = [{ embedding: 'emb' }, { lstm: 'rnn' }, 'max', { linear: 'fc' }];
    await writeFile(join(folder, 'm.lstmprune-model.json'), JSON.stringify({ layers }));
    await until('word of its coming', () => changes > 0);
    assert.equal(layersAssumption(await inspections.inspect(list)), undefined);
    holder.dispose();
  });

  it('watch no more than some of the files that nothing shows, and forget the others', async () => {
    const report = await inspections.inspect(model);
    const forgotten: string[] = [];
    inspections.onDidForget((uri) => forgotten.push(uri.path));
    const { folder: many, models } = await folderWith(...Array.from({ length: 40 }, (_, i) => `${i}.keras`));
    const holder = inspections.hold(models[0]);
    for (const uri of models) await inspections.record(uri, report, await stampOfModel(uri));
    assert.equal(inspections.watched, 33);
    assert.equal(forgotten[0], model.path);
    assert.equal(inspections.known(models[0]), report, 'it is held');
    assert.equal(inspections.known(models[1]), undefined);
    assert.equal(inspections.known(models[39]), report);
    holder.dispose();
    assert.equal(inspections.watched, 32);
    await rm(many, { recursive: true, force: true });
  });
});
