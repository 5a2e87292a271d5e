import { setTimeout } from 'node:timers/promises';
import { median } from './median.ts';

/** Whoever can do steps and say how long one took. */
export interface Runner {
  readonly name: string;
  /** Milliseconds of one step, the mean of so many in a row. */
  run(steps: number): Promise<number>;
}

export interface Timing {
  readonly ms: number;
  readonly min: number;
}

/** Short steps are repeated for so long, so that a clock and a cold cache weigh little. */
export const visit = 100;
/** A training takes thousands of steps: what compiles as it goes, V8 above all, is done with that by then; milliseconds. */
export const warmUp = 1500;
/** Between two runners, so that the threads of one no longer wait for work when the next begins; milliseconds. */
const pause = 5;

/** Lets one that was just prepared compute until it is as fast as it gets. */
export async function warm(runner: Pick<Runner, 'run'>): Promise<void> {
  const end = performance.now() + warmUp;
  for (let steps = 1; performance.now() < end; steps *= 2) await runner.run(Math.min(steps, 32));
}

/**
 * Lets warm runners compute by turns, as many rounds as there are to be measurements, after a step that does not count.
 * @returns one timing each, in the runners' order
 */
export async function takeTurns(runners: readonly Runner[], rounds: number): Promise<Timing[]> {
  const steps: number[] = [];
  for (const runner of runners) {
    steps.push(Math.max(1, Math.ceil(visit / (await runner.run(1)))));
    await setTimeout(pause);
  }
  const times: number[][] = runners.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, runner] of runners.entries()) {
      times[i].push(await runner.run(steps[i]));
      await setTimeout(pause);
    }
  }
  return times.map((own) => ({ ms: median(own), min: Math.min(...own) }));
}
