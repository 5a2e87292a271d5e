import type { RewindName } from '../../protocol/recipe.ts';
import { initialShare, type Schedule, type Span, type Timeline } from './schedule.ts';

export interface IterativeSettings {
  readonly initialSparsity: number;
  readonly rounds: number;
  readonly rewind: RewindName;
}

/**
 * Rounds of pruning and training (Han et al. 2015), over which the epochs are divided. Each takes the same share of what is left: after
 * round r of R, 1 − (1 − initial) · ((1 − final) / (1 − initial))^(r / R) is gone. Rewinding says what the next round begins with: `rate`,
 * the learning rate falls anew in each (Renda et al., "Comparing Rewinding and Fine-tuning in Neural Network Pruning", 2020); `weights`,
 * what is kept has the file's values again, too (Frankle and Carbin, "The Lottery Ticket Hypothesis", 2019); `none`, everything goes on.
 */
export function iterative(
  { initialSparsity, rounds, rewind }: IterativeSettings,
  { epochs, stepsPerEpoch }: Timeline,
): Schedule {
  /** Step at which a round begins, from 0. */
  const first = (round: number) => Math.floor((round * epochs) / rounds) * stepsPerEpoch;
  /** The round that a step is in. */
  const roundAt = (step: number) => {
    let round = 0;
    while (round + 1 < rounds && first(round + 1) <= step) round++;
    return round;
  };
  const rateSpan = (step: number): Span => {
    const round = roundAt(step);
    return { first: first(round), steps: first(round + 1) - first(round) };
  };
  return {
    changesAt: (step) => first(roundAt(step)) === step,
    begins: 0,
    settled: first(rounds - 1),
    share: (step, present, final) => {
      const initial = initialShare(initialSparsity, present, final);
      const done = roundAt(step) + 1;
      if (done === rounds || initial === final) return final;
      return 1 - (1 - initial) * ((1 - final) / (1 - initial)) ** (done / rounds);
    },
    ...(rewind !== 'none' && { rateSpan }),
    ...(rewind === 'weights' && { rewindsWeights: true }),
  };
}
