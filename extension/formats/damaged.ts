import type { Message } from '../protocol/messages.ts';
import { UserError } from '../protocol/userError.ts';

/** A file whose content contradicts itself, or for another reason. */
export function damaged(file: string, reason: Message = { code: 'reasonContent', args: {} }): UserError {
  return new UserError('fileDamaged', { file }, reason);
}
