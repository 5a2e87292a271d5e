import * as vscode from 'vscode';
import type { Message, MessageCode } from '../../protocol/messages.ts';
import { messageOf } from '../../protocol/userError.ts';
import { type Translate, word } from '../../protocol/wording.ts';
import type { CommandId } from '../commands/commandIds.ts';

/** Into the language of the window. */
export const translate: Translate = (template, args) => vscode.l10n.t(template, args);

/** A message in the language of the window; files of the workspace are named from its folder on. */
export function localize(message: Message): string {
  const named = withFiles(message, (path) => vscode.workspace.asRelativePath(path));
  return word(named, translate, vscode.env.language);
}

/** The message with another name for the files that it and its causes speak of. */
export function withFiles(message: Message, nameOf: (path: string) => string): Message {
  const { file } = message.args;
  const args = typeof file === 'string' ? { ...message.args, file: nameOf(file) } : message.args;
  return message.cause ? { ...message, args, cause: withFiles(message.cause, nameOf) } : { ...message, args };
}

/** A button of an error, and what it does. */
export interface ErrorAction extends vscode.MessageItem {
  run(): void | Thenable<void>;
}

/** Failures of which the log tells more. */
const logTells: ReadonlySet<MessageCode> = new Set<MessageCode>([
  'internal',
  'backgroundDied',
  'npmFailed',
  'npmOffline',
  'tensorflowIncomplete',
]);

const cancels: ReadonlySet<MessageCode> = new Set<MessageCode>([
  'cancelled',
  'cancelledPrune',
  'cancelledSearch',
]);

/** Whether the user gave the job up, which is no error. */
export function isCancel({ code }: Pick<Message, 'code'>): boolean {
  return cancels.has(code);
}

/** Tells the user of a failure, and the log as well. A job that the user cancelled is no error. */
export async function showError(
  error: unknown,
  log: vscode.LogOutputChannel,
  ...actions: readonly ErrorAction[]
): Promise<void> {
  const message = messageOf(error);
  const text = localize(message);
  if (isCancel(message)) {
    log.info(text);
    void vscode.window.showInformationMessage(text);
    return;
  }
  log.error(error instanceof Error && message.code === 'internal' ? error : text);
  const offered = [...actions];
  if (message.code === 'tensorflowMissing' || message.code === 'tensorflowNotLoaded')
    offered.push({ title: vscode.l10n.t('Install TensorFlow Engine'), run: installTensorflow });
  if (logTells.has(message.code)) offered.push({ title: vscode.l10n.t('Show Log'), run: () => log.show() });
  await (await vscode.window.showErrorMessage(text, ...offered))?.run();
}

function installTensorflow(): Thenable<void> {
  const command: CommandId = 'lstmPruner.installTensorflow';
  return vscode.commands.executeCommand(command);
}
