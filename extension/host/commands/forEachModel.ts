import type * as vscode from 'vscode';
import { messageOf } from '../../protocol/userError.ts';
import type { Services } from '../services/services.ts';
import { isCancel, showError } from '../services/showMessage.ts';

/** Runs `work` on one model after another. A failure is shown and the next model follows; a cancel ends it all. */
export async function forEachModel(
  { log }: Pick<Services, 'log'>,
  models: readonly vscode.Uri[],
  work: (model: vscode.Uri) => Promise<void>,
): Promise<void> {
  for (const model of models) {
    try {
      await work(model);
    } catch (error) {
      void showError(error, log);
      if (isCancel(messageOf(error))) return;
    }
  }
}
