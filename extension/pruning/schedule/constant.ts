import type { Schedule } from './schedule.ts';
import { isTurn, type TurnSettings } from './turns.ts';

/**
 * All at once after `begin` steps of training the dense model, as tfmot's ConstantSparsity. Masks that only grow hold what went then; the
 * later changes are for a criterion that may find more, such as a threshold.
 */
export function constant(settings: TurnSettings): Schedule {
  return {
    changesAt: (step) => isTurn(step, settings),
    begins: settings.begin,
    settled: settings.begin,
    share: (_step, _present, final) => final,
  };
}
