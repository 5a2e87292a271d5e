import { type Message, messages } from './messages.ts';

/** Replaces `{name}` in a template; has the signature of `vscode.l10n.t` and of `@vscode/l10n`'s `t`. */
export type Translate = (template: string, args: Record<string, string | number>) => string;

/** Words a message in the reader's language, its cause included. */
export function word(message: Message, translate: Translate): string {
  const args = message.cause ? { ...message.args, reason: word(message.cause, translate) } : message.args;
  return translate(messages[message.code], args);
}
