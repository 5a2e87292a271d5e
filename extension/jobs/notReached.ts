import type { AutoReport } from '../protocol/auto.ts';
import type { MessageCode } from '../protocol/messages.ts';
import { UserError } from '../protocol/userError.ts';
import { succeeded, type Tried } from './searchLoop.ts';

/** What would take a search further that found nothing, by what ended it. */
const remedies = {
  settled: 'remedyIncrease',
  trials: 'remedyTrials',
  time: 'remedyTime',
  cancelled: 'remedyGoOn',
} as const satisfies Record<AutoReport['stopped'], MessageCode>;

/** Names the trial that came nearest; where none came to anything, why the last one did not. */
export function notReached(
  tried: readonly Tried[],
  stopped: AutoReport['stopped'],
  limit: number,
): UserError {
  const [nearest] = succeeded(tried).sort((a, b) => a.result.validationLoss - b.result.validationLoss);
  const failure = tried.at(-1)?.trial.failure;
  if (!nearest)
    return failure ? new UserError(failure.code, failure.args, failure.cause) : new UserError('cancelled');
  const { trial, result } = nearest;
  return new UserError('budgetNotReached', {
    trial: trial.id,
    sparsity: result.sparsity,
    loss: result.validationLoss,
    limit,
    count: tried.length,
    remedy: { code: remedies[stopped], args: {} },
  });
}
