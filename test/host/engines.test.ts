import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { runInstallation } from '../../extension/host/commands/installTensorflow.ts';
import { tensorflowSpec } from '../../extension/host/services/tensorflowPackage.ts';
import { messageOf } from '../../extension/protocol/userError.ts';
import { closeAllEditors, folderWith, workspaceFolder } from './driving.ts';
import { TestServices } from './finetuning.ts';

const { name } = tensorflowSpec;
const makesBinding = `
  require('node:fs').mkdirSync('lib/napi-v8', { recursive: true });
  require('node:fs').writeFileSync('lib/napi-v8/tfjs_binding.node', '');
`;

describe('the settings of engines', () => {
  let folder: string;
  let model: vscode.Uri;
  let test: TestServices;

  beforeEach(async () => {
    const made = await folderWith('m.keras');
    folder = made.folder;
    [model] = made.models;
    test = new TestServices(folder);
  });

  afterEach(async () => {
    for (const key of ['engine', 'threads', 'tensorflow.path']) await set(key, undefined);
    test.dispose();
    await closeAllEditors();
    await rm(folder, { recursive: true, force: true });
  });

  const set = (key: string, value: unknown) =>
    vscode.workspace.getConfiguration('lstmPruner').update(key, value, vscode.ConfigurationTarget.Workspace);
  const settings = () => test.services.engines.settingsFor(model);

  /** A package as npm leaves it: with its name, and with a binding that an install script has brought. */
  async function packageAt(place: string): Promise<void> {
    await mkdir(join(place, 'lib/napi-v8'), { recursive: true });
    await writeFile(join(place, 'package.json'), JSON.stringify({ name }));
    await writeFile(join(place, 'lib/napi-v8/tfjs_binding.node'), '');
  }

  it('say nothing where nothing was set, but where checkpoints go', async () => {
    assert.deepEqual(await settings(), {
      choice: {},
      surroundings: { checkpoints: join(folder, 'storage', 'checkpoints') },
    });
  });

  it('hold engine and threads', async () => {
    await set('engine', 'wasm');
    await set('threads', 2);
    assert.deepEqual((await settings()).choice, { engine: 'wasm', threads: 2 });
  });

  it('find the TensorFlow engine of a project from the folder of the workspace on', async () => {
    const project = join(folder, 'project');
    const place = join(project, 'node_modules', ...name.split('/'));
    await packageAt(place);
    await set('tensorflow.path', relative(workspaceFolder(), project));
    assert.equal((await settings()).surroundings.tensorflow, place);
    await set('engine', 'wasm');
    assert.equal((await settings()).surroundings.tensorflow, undefined);
  });

  it('refuse a folder that holds no such package', async () => {
    await set('tensorflow.path', 'reber');
    const error = await settings().then(
      () => assert.fail('it did not fail'),
      (reason) => messageOf(reason),
    );
    assert.equal(error.code, 'tensorflowPath');
    assert.equal(error.args.path, join(workspaceFolder(), 'reber'));
  });

  it('name what was installed into the storage', async function () {
    this.timeout(60_000);
    const source = join(folder, 'source');
    await mkdir(source);
    const scripts = { install: 'node install.js' };
    await writeFile(join(source, 'package.json'), JSON.stringify({ name, version: '4.22.0', scripts }));
    await writeFile(join(source, 'install.js'), makesBinding);
    const made = execFileSync('npm', ['pack', '--silent', '--ignore-scripts'], {
      cwd: source,
      encoding: 'utf8',
    });
    await runInstallation(test.services, { name, version: `file:${join(source, made.trim())}` });
    assert.equal(await test.services.engines.isInstalled(), true);
    assert.equal(
      (await settings()).surroundings.tensorflow,
      join(test.services.engines.tensorflowFolder, 'node_modules', ...name.split('/')),
    );
  });

  it('name nothing where the installation failed, which is shown and does not throw', async function () {
    this.timeout(60_000);
    await runInstallation(test.services, { name, version: `file:${join(folder, 'nothing.tgz')}` });
    assert.equal(await test.services.engines.isInstalled(), false);
    assert.equal(test.services.engines.installing, false);
    assert.equal((await settings()).surroundings.tensorflow, undefined);
  });
});
