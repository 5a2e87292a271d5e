import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { PanelContent } from '../../protocol/panel.ts';
import { scratchPrefix } from '../../protocol/temporaryNames.ts';
import { messageOf, UserError } from '../../protocol/userError.ts';
import { errorContent, gatesContent } from '../panel/contents.ts';
import type { BackgroundClient } from '../services/backgroundClient.ts';
import { baseName } from '../services/fileKinds.ts';
import { withFiles } from '../services/showMessage.ts';

/**
 * The gates of a model that is no file of this disk, such as the committed side of a comparison. It is read from a copy that is
 * removed again: the background process knows only files. Never rejects.
 */
export async function snapshotContent(
  uri: vscode.Uri,
  background: Pick<BackgroundClient, 'inspect'>,
): Promise<PanelContent> {
  const name = baseName(uri);
  const folder = await mkdtemp(join(tmpdir(), scratchPrefix(process.pid)));
  const copy = join(folder, name);
  try {
    await writeFile(copy, await vscode.workspace.fs.readFile(uri));
    return { ...gatesContent(uri.fsPath, await background.inspect({ path: copy })), snapshot: true };
  } catch (error) {
    return errorContent(uri.fsPath, readerError(error, copy, name));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Speaks of the document where the error speaks of its copy. */
function readerError(error: unknown, copy: string, name: string): UserError {
  if (error instanceof vscode.FileSystemError) {
    if (error.code === 'FileNotFound') return new UserError('fileNotFound', { file: name });
    return new UserError('fileUnreadable', { file: name, reason: error.message });
  }
  const { code, args, cause } = withFiles(messageOf(error), (path) => (path === copy ? name : path));
  return new UserError(code, args, cause);
}
