import assert from 'node:assert/strict';
import { glob, mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { resultContent } from '../../extension/host/panel/contents.ts';
import { openReport } from '../../extension/host/panel/pageActions.ts';
import { BackgroundClient } from '../../extension/host/services/backgroundClient.ts';
import { globOf } from '../../extension/host/services/fileKinds.ts';
import { localize } from '../../extension/host/services/showMessage.ts';
import { modelEndings } from '../../extension/protocol/modelEndings.ts';
import { backgroundModule, closeAllEditors, folderWith, workspaceFolder } from './driving.ts';

describe('files', () => {
  const log = vscode.window.createOutputChannel('files.test', { log: true });
  let client: BackgroundClient;

  before(() => {
    client = new BackgroundClient({ module: backgroundModule(), locale: 'en', log: () => {} });
  });

  after(async () => {
    client.dispose();
    log.dispose();
    await closeAllEditors();
  });

  it('are found however their endings are written', async () => {
    const { folder } = await folderWith(
      ...['a.keras', 'B.KERAS', 'c.Keras', 'd.H5', 'e.keras.txt', 'f.pt', 'g.json', 'saved_model.pb'],
      ...[
        'model.json',
        'my-Model.json',
        'h.safetensors.index.json',
        'i.index.json',
        'j.bin.index.json',
        'other.pb',
      ],
    );
    const pattern = new vscode.RelativePattern(folder, globOf(modelEndings));
    const found = await vscode.workspace.findFiles(pattern);
    const names = found.map(({ path }) => path.slice(path.lastIndexOf('/') + 1)).sort();
    assert.deepEqual(names, [
      ...['B.KERAS', 'a.keras', 'c.Keras', 'd.H5', 'f.pt', 'h.safetensors.index.json'],
      ...['j.bin.index.json', 'model.json', 'my-Model.json', 'saved_model.pb'],
    ]);
    await rm(folder, { recursive: true, force: true });
  });

  it('are written in another format beside themselves', async () => {
    const { models, folder } = await folderWith('m.keras');
    const report = await client.convert({ path: models[0].fsPath, to: 'onnx' });
    assert.equal(report.output, join(folder, 'm.onnx'));
    const { recurrentLayers } = await client.probe({ path: report.output });
    assert.equal(
      recurrentLayers.length,
      (await client.probe({ path: models[0].fsPath })).recurrentLayers.length,
    );
    await rm(folder, { recursive: true, force: true });
  });

  it('of one name in two folders have a report each', async () => {
    const { folder } = await folderWith();
    const storage = vscode.Uri.file(join(folder, 'storage'));
    const { models, folder: source } = await folderWith('m.keras');
    for (const [name, sparsity] of [
      ['a', 0.5],
      ['b', 0.75],
    ] as const) {
      await mkdir(join(folder, name));
      const output = join(folder, name, 'm.pruned.keras');
      const report = await client.prune({ path: models[0].fsPath, recipe: { sparsity }, output });
      await openReport(resultContent(report), { background: client, log, storage });
    }
    const pages: string[] = [];
    for await (const page of glob('reports/**/*.html', { cwd: storage.fsPath })) pages.push(page);
    assert.equal(pages.length, 2, pages.join(', '));
    const texts = await Promise.all(pages.map((page) => readFile(join(storage.fsPath, page), 'utf8')));
    assert.notEqual(texts[0], texts[1]);
    for (const made of [folder, source]) await rm(made, { recursive: true, force: true });
  });

  it('of the workspace are named from its folder on, in an error and in its cause', () => {
    const inside = join(workspaceFolder(), 'reber', 'reber.keras');
    assert.equal(
      localize({ code: 'fileNotFound', args: { file: inside } }),
      'reber/reber.keras does not exist.',
    );
    const cause = { code: 'fileNotFound', args: { file: inside } } as const;
    assert.match(
      localize({ code: 'noteNotEvaluated', args: {}, cause }),
      /: reber\/reber\.keras does not exist\.?$/,
    );
    const outside = vscode.Uri.joinPath(vscode.Uri.file(workspaceFolder()), '..', 'else.keras').fsPath;
    assert.equal(localize({ code: 'fileNotFound', args: { file: outside } }), `${outside} does not exist.`);
  });
});
