import type { Message } from '../../protocol/messages.ts';
import { UserError } from '../../protocol/userError.ts';

/** The file is no model of PyTorch's, or none that can be read. */
export function noWeights(file: string, reason: Message): UserError {
  return new UserError('notATorchModel', { file }, reason);
}
