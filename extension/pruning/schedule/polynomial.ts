import { initialShare, type Schedule } from './schedule.ts';
import { doneBetween, isTurn, type TurnSettings } from './turns.ts';

export interface PolynomialSettings extends TurnSettings {
  readonly initialSparsity: number;
  readonly power: number;
}

/**
 * A ramp that flattens towards its end: final + (initial − final) · (1 − done)^power, done = (step − begin) / (end − begin) between 0 and
 * 1, with a power of 3 that of Zhu and Gupta, "To prune, or not to prune", 2017. The semantics are those of tfmot's PolynomialDecay, with
 * one more change at `end` where the frequency would pass over it.
 */
export function polynomial(settings: PolynomialSettings): Schedule {
  return {
    changesAt: (step) => isTurn(step, settings),
    begins: settings.begin,
    settled: settings.end,
    share: (step, present, final) => rampShare(step, present, final, settings),
  };
}

export function rampShare(
  step: number,
  present: number,
  final: number,
  settings: PolynomialSettings,
): number {
  const initial = initialShare(settings.initialSparsity, present, final);
  return final + (initial - final) * (1 - doneBetween(step, settings)) ** settings.power;
}
