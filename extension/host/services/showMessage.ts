import * as vscode from 'vscode';
import type { Message } from '../../protocol/messages.ts';
import { messageOf } from '../../protocol/userError.ts';
import { word } from '../../protocol/wording.ts';

/** A message in the language of the window; files of the workspace are named from its folder on. */
export function localize(message: Message): string {
  const named = withFiles(message, (path) => vscode.workspace.asRelativePath(path));
  return word(named, (template, args) => vscode.l10n.t(template, args), vscode.env.language);
}

/** The message with another name for the files that it and its causes speak of. */
export function withFiles(message: Message, nameOf: (path: string) => string): Message {
  const { file } = message.args;
  const args = typeof file === 'string' ? { ...message.args, file: nameOf(file) } : message.args;
  return message.cause ? { ...message, args, cause: withFiles(message.cause, nameOf) } : { ...message, args };
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
