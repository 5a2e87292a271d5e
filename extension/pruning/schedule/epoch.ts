import { initialShare, type Schedule, type Timeline } from './schedule.ts';

export interface EpochSettings {
  readonly initialSparsity: number;
}

/**
 * At the end of every epoch, as the callback that many write does, but with masks held in between. The share that is gone rises by as much
 * each time and is reached with the last epoch still to come, where there is more than one; a threshold is taken anew each time.
 */
export function epochEnds({ initialSparsity }: EpochSettings, { epochs, stepsPerEpoch }: Timeline): Schedule {
  const ramp = Math.max(1, epochs - 1);
  return {
    changesAt: (step) => step > 0 && step % stepsPerEpoch === 0,
    begins: stepsPerEpoch,
    settled: ramp * stepsPerEpoch,
    atEpochEnds: true,
    share: (step, present, final) => {
      const done = step / stepsPerEpoch / ramp;
      if (done >= 1) return final;
      const initial = initialShare(initialSparsity, present, final);
      return initial + (final - initial) * done;
    },
  };
}
