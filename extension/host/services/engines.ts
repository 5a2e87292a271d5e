import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { EngineChoice, EngineName } from '../../protocol/recipe.ts';
import type { Surroundings } from '../../protocol/requests.ts';
import { chooseTensorflow } from './chooseTensorflow.ts';
import { installedTensorflow, installTensorflow, type PackageSpec } from './tensorflowPackage.ts';

export interface EngineSettings {
  /** Without what is the default anyway, so that a report's recipe says only what was chosen. */
  readonly choice: EngineChoice;
  readonly surroundings: Required<Pick<Surroundings, 'checkpoints'>> & Surroundings;
}

/** What the settings say about engines, and the TensorFlow engine in the extension's own storage. */
export class Engines implements vscode.Disposable {
  /** Where the TensorFlow engine is installed. */
  readonly tensorflowFolder: string;
  readonly #storage: string;
  readonly #ending = new AbortController();
  #installing = false;

  constructor(storage: vscode.Uri) {
    this.#storage = storage.fsPath;
    this.tensorflowFolder = join(this.#storage, 'tensorflow');
  }

  /** For a job on this model. Throws `UserError` tensorflowPath where the setting names no such package. */
  async settingsFor(model: vscode.Uri): Promise<EngineSettings> {
    const settings = vscode.workspace.getConfiguration('lstmPruner', model);
    const engine = settings.get<EngineName>('engine', 'auto');
    const threads = settings.get<number>('threads', 0);
    const tensorflow = engine === 'wasm' ? undefined : await this.#tensorflowFor(model, settings);
    return {
      choice: { ...(engine !== 'auto' && { engine }), ...(threads !== 0 && { threads }) },
      surroundings: {
        checkpoints: join(this.#storage, 'checkpoints'),
        ...(tensorflow !== undefined && { tensorflow }),
      },
    };
  }

  async isInstalled(): Promise<boolean> {
    return (await installedTensorflow(this.tensorflowFolder)) !== undefined;
  }

  /** Whether an installation is under way in this window. */
  get installing(): boolean {
    return this.#installing;
  }

  /** Installs the TensorFlow engine; see `installTensorflow`. The end of the extension cancels it. */
  async install(signal: AbortSignal, onLine: (line: string) => void, spec?: PackageSpec): Promise<void> {
    this.#installing = true;
    try {
      await mkdir(this.#storage, { recursive: true });
      await installTensorflow(this.tensorflowFolder, {
        signal: AbortSignal.any([signal, this.#ending.signal]),
        onLine,
        ...(spec && { spec }),
      });
    } finally {
      this.#installing = false;
    }
  }

  dispose(): void {
    this.#ending.abort();
  }

  #tensorflowFor(model: vscode.Uri, settings: vscode.WorkspaceConfiguration): Promise<string | undefined> {
    const folder = vscode.workspace.getWorkspaceFolder(model) ?? vscode.workspace.workspaceFolders?.[0];
    return chooseTensorflow({
      named: settings.get<string>('tensorflow.path', ''),
      trusted: vscode.workspace.isTrusted,
      workspace: folder?.uri.fsPath,
      storage: this.tensorflowFolder,
    });
  }
}
