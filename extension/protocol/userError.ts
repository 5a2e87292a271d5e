import type { Message, MessageCode } from './messages.ts';

/** An error that a user can act on: a code with arguments, worded by whoever shows it. Anything else is a defect. */
export class UserError extends Error {
  readonly info: Message;

  constructor(code: MessageCode, args: Message['args'] = {}, cause?: Message) {
    super(`${code} ${JSON.stringify(args)}`);
    this.name = 'UserError';
    this.info = cause ? { code, args, cause } : { code, args };
  }
}

/** The message of any thrown value; what is not a UserError becomes `internal`. */
export function messageOf(error: unknown): Message {
  if (error instanceof UserError) return error.info;
  // Node's own functions reject so when the signal of a cancelled job reaches them.
  if (error instanceof Error && error.name === 'AbortError') return { code: 'cancelled', args: {} };
  const reason = error instanceof Error ? error.message : String(error);
  return { code: 'internal', args: { reason } };
}
