import type { AutoReport } from './auto.ts';
import { verdict } from './autoTables.ts';
import type { Say } from './labels.ts';
import type { Numbers } from './numbers.ts';

/** A trial in words, as a point of the front chart; undefined where it came to nothing. */
export function trialText(
  report: Pick<AutoReport, 'trials' | 'best'>,
  id: number,
  say: Say,
  numbers: Numbers,
): string | undefined {
  const trial = report.trials.find((one) => one.id === id);
  if (!trial?.result) return undefined;
  return say('trialNonzero', {
    trial: numbers.count(id),
    count: numbers.count(trial.result.sizes.nonzero),
    loss: numbers.quantity(trial.result.validationLoss),
    verdict: verdict(trial, report, say),
  });
}
