import * as vscode from 'vscode';
import { modelEndings } from '../../protocol/modelEndings.ts';
import { messageOf } from '../../protocol/userError.ts';
import type { BackgroundClient } from './backgroundClient.ts';
import { globOf } from './fileKinds.ts';
import { stampOf } from './fileStamp.ts';

export interface FoundModel {
  readonly uri: vscode.Uri;
  readonly format: string;
  /** Names of the recurrent layers; never empty. */
  readonly recurrentLayers: readonly string[];
}

export interface SearchOutcome {
  /** There are more candidates than were looked at. */
  readonly capped: boolean;
}

/** Folders that hold packages and caches, not the user's models. */
export const excludedFolders =
  '**/{node_modules,.git,.hg,.svn,.venv,venv,env,.tox,.conda,site-packages,dist-packages,__pycache__,.cache,.ipynb_checkpoints}/**';

/** Candidates looked at in one search. */
const searchCap = 1000;
const probesAtOnce = 4;

/** Finds the workspace's model files that hold recurrent layers; what was found is kept until a file changes. */
export class ModelSearch {
  readonly #background: BackgroundClient;
  readonly #known = new Map<string, { stamp: string; found: FoundModel | undefined }>();

  constructor(background: BackgroundClient) {
    this.#background = background;
  }

  /** Calls `onFound` for each model as it is confirmed; the files are opened in the background process, a few at a time. */
  async search(
    token: vscode.CancellationToken,
    onFound: (model: FoundModel) => void,
  ): Promise<SearchOutcome> {
    const candidates = await vscode.workspace.findFiles(
      globOf(modelEndings),
      excludedFolders,
      searchCap + 1,
      token,
    );
    const capped = candidates.length > searchCap;
    const queue = candidates.slice(0, searchCap);
    // Shallow paths first: a project's own models stand higher than what lies deep below.
    queue.sort((a, b) => depth(a) - depth(b) || a.path.localeCompare(b.path));
    const work = queue.values();
    const worker = async () => {
      for (const uri of work) {
        if (token.isCancellationRequested) return;
        const found = await this.#look(uri, token);
        if (found && !token.isCancellationRequested) onFound(found);
      }
    };
    await Promise.all(Array.from({ length: probesAtOnce }, worker));
    return { capped };
  }

  async #look(uri: vscode.Uri, token: vscode.CancellationToken): Promise<FoundModel | undefined> {
    const stamp = await stampOf(uri);
    if (stamp === undefined) return undefined;
    const known = this.#known.get(uri.toString());
    if (known?.stamp === stamp) return known.found;
    try {
      const { format, recurrentLayers } = await this.#background.probe({ path: uri.fsPath }, token);
      const found = recurrentLayers.length > 0 ? { uri, format, recurrentLayers } : undefined;
      this.#known.set(uri.toString(), { stamp, found });
      return found;
    } catch (error) {
      const { code } = messageOf(error);
      // Not a model is an answer too; a search that was stopped is none.
      const answered = code !== 'cancelled' && code !== 'backgroundDied' && code !== 'internal';
      if (answered) this.#known.set(uri.toString(), { stamp, found: undefined });
      return undefined;
    }
  }
}

function depth(uri: vscode.Uri): number {
  return uri.path.split('/').length;
}
