import { rampShare } from './polynomial.ts';
import type { Schedule } from './schedule.ts';
import { doneBetween, isTurn, type TurnSettings } from './turns.ts';

export interface RiglSettings extends TurnSettings {
  /** Absent: as much is gone from the start as is to go in the end. */
  readonly initialSparsity?: number | undefined;
  readonly power: number;
  /** α */
  readonly dropFraction: number;
}

/**
 * Dynamic sparse training (Evci et al., "Rigging the Lottery", 2020): at `begin` the masks are set, and at each later change
 * α/2 · (1 + cos(π · done)) of what is kept gives way to what was masked. From a lower initial sparsity the share that is gone rises like
 * that of the schedule polynomial meanwhile (Liu et al., "Sparse Training via Boosting Pruning Plasticity with Neuroregeneration", 2021).
 */
export function rigl(settings: RiglSettings): Schedule {
  const { initialSparsity, begin, end, dropFraction } = settings;
  const ramps = initialSparsity !== undefined;
  return {
    changesAt: (step) => isTurn(step, settings),
    begins: begin,
    settled: ramps ? end : begin,
    share: (step, present, final) =>
      ramps ? rampShare(step, present, final, { ...settings, initialSparsity }) : final,
    exchanged: (step) =>
      step <= begin || step >= end
        ? 0
        : (dropFraction / 2) * (1 + Math.cos(Math.PI * doneBetween(step, settings))),
  };
}
