import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { snapshotContent } from '../../extension/host/editor/snapshot.ts';
import { BackgroundClient } from '../../extension/host/services/backgroundClient.ts';
import { scratchPrefix } from '../../extension/protocol/temporaryNames.ts';
import {
  acceptAll,
  backgroundModule,
  closeAllEditors,
  exampleModel,
  folderWith,
  namesIn,
} from './driving.ts';

const scheme = 'lstm-pruner-test';

/** Serves these bytes for every path, as a source control system serves a committed version. */
function serve(bytes: Uint8Array | undefined): vscode.Disposable {
  const never = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  const refuse = () => {
    throw vscode.FileSystemError.NoPermissions();
  };
  const content = () => {
    if (!bytes) throw vscode.FileSystemError.FileNotFound();
    return bytes;
  };
  return vscode.workspace.registerFileSystemProvider(
    scheme,
    {
      onDidChangeFile: never.event,
      watch: () => never,
      stat: () => ({ type: vscode.FileType.File, ctime: 0, mtime: 0, size: content().length }),
      readFile: content,
      readDirectory: () => [],
      createDirectory: refuse,
      writeFile: refuse,
      delete: refuse,
      rename: refuse,
    },
    { isReadonly: true },
  );
}

describe('a model that is no file of the disk', () => {
  let client: BackgroundClient;
  let folder: string;
  let working: vscode.Uri;
  let committed: vscode.Uri;

  before(async () => {
    client = new BackgroundClient({ module: backgroundModule(), locale: 'en', log: () => {} });
    ({ folder } = await folderWith());
    working = vscode.Uri.file(join(folder, 'm.keras'));
    await client.prune({ path: exampleModel(), recipe: { sparsity: 0.8 }, output: working.fsPath });
    committed = working.with({ scheme });
  });
  after(async () => {
    client.dispose();
    await closeAllEditors();
    await rm(folder, { recursive: true, force: true });
  });

  it('shows its own gates, not those of the file with its path', async () => {
    const serving = serve(await readFile(exampleModel()));
    const content = await snapshotContent(committed, client);
    assert.ok(content.kind === 'gates');
    assert.equal(content.report.sparsity, 0);
    assert.equal(content.name, 'm.keras');
    assert.equal(content.snapshot, true);
    const left = (await readdir(tmpdir())).filter((name) => name.startsWith(scratchPrefix(process.pid)));
    assert.deepEqual(left, []);
    serving.dispose();
  });

  it('is named as it is called when it is damaged or gone', async () => {
    for (const [bytes, text] of [
      [randomBytes(4096), /^m\.keras is damaged or incomplete/],
      [undefined, /^m\.keras does not exist/],
    ] as const) {
      const serving = serve(bytes);
      const content = await snapshotContent(committed, client);
      assert.ok(content.kind === 'error');
      assert.match(content.text, text);
      serving.dispose();
    }
  });

  it('opens in the editor, and is not pruned in place of the file with its path', async () => {
    const serving = serve(await readFile(exampleModel()));
    await vscode.commands.executeCommand('vscode.openWith', committed, 'lstmPruner.gates');
    const { activeTab } = vscode.window.tabGroups.activeTabGroup;
    assert.ok(activeTab?.input instanceof vscode.TabInputCustom);
    assert.equal(activeTab.input.uri.toString(), committed.toString());
    await acceptAll(vscode.commands.executeCommand('lstmPruner.prune', committed));
    assert.deepEqual(await namesIn(folder), ['m.keras']);
    serving.dispose();
  });
});
