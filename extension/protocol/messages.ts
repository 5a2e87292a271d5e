import { commandLineMessages } from './messages/commandLine.ts';
import { contents } from './messages/contents.ts';
import { conversionMessages } from './messages/conversion.ts';
import { dataMessages } from './messages/data.ts';
import { engineMessages } from './messages/engines.ts';
import { expectations } from './messages/expected.ts';
import { fileMessages } from './messages/files.ts';
import { jobMessages } from './messages/jobs.ts';
import { notes } from './messages/notes.ts';
import { reasons } from './messages/reasons.ts';
import { remedies } from './messages/remedies.ts';

/**
 * Every sentence that the jobs can say to a user, by code. Jobs throw or note a code with arguments; whoever
 * shows it words it: the host through `vscode.l10n.t`, the command line and the reports through `@vscode/l10n`.
 * The English sentence is the key of the translation in l10n/.
 */
export const messages = {
  ...fileMessages,
  ...contents,
  ...conversionMessages,
  ...dataMessages,
  ...engineMessages,
  ...jobMessages,
  ...commandLineMessages,
  ...reasons,
  ...remedies,
  ...expectations,
  ...notes,
} as const;

export type MessageCode = keyof typeof messages;

/** What belongs into a brace of a sentence: text that no language changes, a list of such, a number, or a further message. */
export type MessageArgument = string | readonly string[] | number | Message;

/** A sentence by code, with what belongs in its braces. `cause` may hold a further message to be worded for `{reason}`. */
export interface Message {
  code: MessageCode;
  args: Record<string, MessageArgument>;
  cause?: Message;
}
