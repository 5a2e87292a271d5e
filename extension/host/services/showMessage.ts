import * as vscode from 'vscode';
import type { Message } from '../../protocol/messages.ts';
import { messageOf } from '../../protocol/userError.ts';
import { word } from '../../protocol/wording.ts';

/** A message in the language of the window. */
export function localize(message: Message): string {
  return word(message, (template, args) => vscode.l10n.t(template, args), vscode.env.language);
}

/** Tells the user of a failure, and the log as well. A job that the user cancelled is no error. */
export async function showError(error: unknown, log: vscode.LogOutputChannel): Promise<void> {
  const message = messageOf(error);
  const text = localize(message);
  if (message.code === 'cancelled') {
    log.info(text);
    void vscode.window.showInformationMessage(text);
    return;
  }
  log.error(error instanceof Error && message.code === 'internal' ? error : text);
  const showLog = vscode.l10n.t('Show Log');
  const withLog = message.code === 'internal' || message.code === 'backgroundDied';
  const chosen = await vscode.window.showErrorMessage(text, ...(withLog ? [showLog] : []));
  if (chosen === showLog) log.show();
}
