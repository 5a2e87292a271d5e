import type * as vscode from 'vscode';
import { UserError } from '../../protocol/userError.ts';
import { baseName } from './fileKinds.ts';

/** Keeps two prunes of one file from running at the same time. */
export class RunningJobs {
  readonly #files = new Set<string>();

  /** Runs the job as the only one of this file. Throws UserError `alreadyRunning`. */
  async run<T>(uri: vscode.Uri, job: () => Promise<T>): Promise<T> {
    const key = uri.toString();
    if (this.#files.has(key)) throw new UserError('alreadyRunning', { file: baseName(uri) });
    this.#files.add(key);
    try {
      return await job();
    } finally {
      this.#files.delete(key);
    }
  }
}
