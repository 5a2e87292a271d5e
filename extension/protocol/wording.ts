import { argumentTexts } from './argumentTexts.ts';
import { counted } from './countedLabels.ts';
import { labels, listOf, type Say } from './labels.ts';
import { type Message, type MessageArgument, messages } from './messages.ts';

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
    const reading = argumentTexts[message.code]?.[name];
    args[name] = reading ? reading(value, locale) : shown(value, translate, locale);
  }
  if (message.cause) args.reason = word(message.cause, translate, locale);
  // A message, and what a library says, may be a sentence of its own.
  if (typeof args.reason === 'string' && template.includes('{reason}.'))
    args.reason = args.reason.replace(/[.。]$/, '');
  return translate(template, args);
}

/** Says labels in the language of a translator. */
export function sayWith(translate: Translate): Say {
  return (label, args = {}) => {
    const said = counted(label, args);
    return translate(labels[said], args);
  };
}

function shown(value: MessageArgument, translate: Translate, locale: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return value.toLocaleString(locale);
  return isList(value) ? listOf(value, sayWith(translate)) : word(value, translate, locale);
}

/** Unlike Array.isArray it tells a list that is only read from a message. */
function isList(value: readonly string[] | Message): value is readonly string[] {
  return Array.isArray(value);
}
