import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { recipeKeys } from '../../extension/protocol/recipeChecks.ts';
import { closeAllEditors, folderWith, gatesTextOf, namesIn, until, workspaceFolder } from './driving.ts';

describe('a recipe file', () => {
  const folders: string[] = [];

  /** A folder with a model and a recipe of this content. */
  async function recipeWith(content: object) {
    const { folder, models } = await folderWith('m.keras');
    folders.push(folder);
    const recipe = vscode.Uri.file(join(folder, 'r.lstmprune.json'));
    await writeFile(recipe.fsPath, JSON.stringify(content, undefined, 2));
    return { folder, model: models[0], recipe };
  }

  const pruneWith = (...args: unknown[]) =>
    vscode.commands.executeCommand('lstmPruner.pruneWithRecipe', ...args);

  /** What the active editor has selected. */
  const selected = () => {
    const editor = vscode.window.activeTextEditor;
    return editor && [editor.document.fileName, editor.document.getText(editor.selection)];
  };

  afterEach(async () => {
    await closeAllEditors();
    for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
  });

  it('has its faults among the problems, each at its key', async () => {
    const { recipe } = await recipeWith({ sparsity: 0.5, block: '4x4', scope: 'row' });
    const document = await vscode.workspace.openTextDocument(recipe);
    await vscode.window.showTextDocument(document);
    const problems = await until('problems', () => {
      const found = vscode.languages.getDiagnostics(recipe);
      return found.length >= 2 && found;
    });
    const texts = problems.map(({ range, message }) => `${document.getText(range)}: ${message}`);
    assert.ok(texts.includes('"block": Only with granularity: block.'), texts.join('\n'));
    assert.ok(
      texts.some((text) => /^"row": .*"gate", "matrix", "layer", "global"/.test(text)),
      texts.join('\n'),
    );
  });

  it('completes its keys, with what they mean', async () => {
    const { recipe } = await recipeWith({});
    const document = await vscode.workspace.openTextDocument(recipe);
    await vscode.window.showTextDocument(document);
    const offered = await until('the keys', async () => {
      const { items } = await vscode.commands.executeCommand<vscode.CompletionList>(
        'vscode.executeCompletionItemProvider',
        recipe,
        new vscode.Position(0, 1),
      );
      return items.length >= recipeKeys.length && items;
    });
    const labels = offered.map(({ label }) => (typeof label === 'string' ? label : label.label));
    assert.deepEqual(
      recipeKeys.filter((key) => !labels.includes(key)),
      [],
    );
  });

  it('prunes the model that was selected with it, without a question', async () => {
    const { folder, model, recipe } = await recipeWith({ sparsity: 0.7, granularity: 'block', block: '2x4' });
    await pruneWith(recipe, [recipe, model]);
    assert.deepEqual(await namesIn(folder), ['m.keras', 'm.pruned.keras', 'r.lstmprune.json']);
    const pruned = vscode.Uri.file(join(folder, 'm.pruned.keras'));
    assert.match(await gatesTextOf(pruned), /, 70\.\d% of the prunable weights are zero/);
  });

  it('has data from its own folder', async () => {
    const data = join('..', 'reber', 'reber.npz');
    const { folder, model, recipe } = await recipeWith({ sparsity: 0.7, data, scope: 'global' });
    assert.equal(join(folder, '..'), workspaceFolder());
    await pruneWith(recipe, [recipe, model]);
    assert.ok((await namesIn(folder)).includes('m.pruned.keras'));
  });

  it('that is wrong is shown at the key, and nothing is pruned', async () => {
    const { folder, model, recipe } = await recipeWith({ sparsity: 0.7, gates: { f: 0.5, i: 2 } });
    await pruneWith(recipe, [recipe, model]);
    assert.deepEqual(selected(), [recipe.fsPath, '"i"']);
    assert.deepEqual(await namesIn(folder), ['m.keras', 'r.lstmprune.json']);
  });

  it('is as its editor shows it, saved or not', async () => {
    const { folder, model, recipe } = await recipeWith({ sparsity: 0.7 });
    const editor = await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(recipe));
    await editor.edit((edit) => edit.insert(new vscode.Position(0, 1), '"shrink": true,'));
    await pruneWith(recipe, [recipe, model]);
    assert.deepEqual(selected(), [recipe.fsPath, '"shrink"']);
    assert.deepEqual(await namesIn(folder), ['m.keras', 'r.lstmprune.json']);
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  });

  it('that only the model shows to be wrong is shown at the key too', async () => {
    const { model, recipe } = await recipeWith({ sparsity: 0.7, gates: { z: 0.5 } });
    await pruneWith(recipe, [recipe, model]);
    assert.deepEqual(selected(), [recipe.fsPath, '"z"']);
  });
});
