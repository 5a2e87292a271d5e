import type { Message } from '../protocol/messages.ts';
import { UserError } from '../protocol/userError.ts';
import type { Model } from './model.ts';

/** Why a model has no graph; of one whose reader gave no reason, that its file does not say what it computes. */
export function whyNoGraph({ notEvaluable }: Pick<Model, 'notEvaluable'>): Message {
  return (
    notEvaluable ?? { code: 'graphUnsupported', args: {}, cause: { code: 'reasonGraphUnknown', args: {} } }
  );
}

/** The same as an error. */
export function noGraph(model: Pick<Model, 'notEvaluable'>): UserError {
  const { code, args, cause } = whyNoGraph(model);
  return new UserError(code, args, cause);
}
