import { type Message, messages } from './messages.ts';

/** Replaces `{name}` in a template; has the signature of `vscode.l10n.t` and of `@vscode/l10n`'s `t`. */
export type Translate = (template: string, args: Record<string, string | number>) => string;

/**
 * Words a message in the reader's language, its cause and the messages in its braces included; numbers as people of the
 * locale write them.
 */
export function word(message: Message, translate: Translate, locale = 'en'): string {
  const template = messages[message.code];
  const args: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(message.args)) {
    if (typeof value === 'object') args[name] = word(value, translate, locale);
    else args[name] = typeof value === 'number' ? value.toLocaleString(locale) : value;
  }
  if (message.cause) args.reason = word(message.cause, translate, locale);
  // A message, and what a library says, may be a sentence of its own.
  if (typeof args.reason === 'string' && template.includes('{reason}.'))
    args.reason = args.reason.replace(/[.。]$/, '');
  return translate(template, args);
}
