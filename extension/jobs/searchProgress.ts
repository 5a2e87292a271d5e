import type { SearchProgress } from '../protocol/requests.ts';
import type { JobContext } from './context.ts';

/** What is measured before the trials, of the whole. */
const groundShare = 0.1;

/** How far a search may go. */
interface Limits {
  /** Infinite where only the time is limited. */
  readonly trials: number;
  readonly seconds: number;
}

/** Where a search is when a trial begins. */
export interface TrialStart extends Pick<SearchProgress, 'trial' | 'sparsity' | 'best'> {
  /** Seconds of the budget that are gone. */
  readonly spent: number;
}

/** Turns the progress of a search's parts into that of the whole, which never goes back. */
export class SearchWatch {
  readonly #context: JobContext;
  readonly #limits: Limits;
  #done = 0;

  constructor(context: JobContext, limits: Limits) {
    this.#context = context;
    this.#limits = limits;
  }

  /** The context in which the model as it is is measured. */
  ground(): JobContext {
    const { signal } = this.#context;
    return {
      signal,
      progress: (now) => this.#context.progress({ ...now, done: this.#further(now.done * groundShare) }),
    };
  }

  /** The context of a trial, which a wish to stop gives up: what was tried before counts then. */
  trial({ spent, ...search }: TrialStart): JobContext {
    const { signal, finish } = this.#context;
    const { trials, seconds } = this.#limits;
    const start = performance.now();
    return {
      signal: finish ? AbortSignal.any([signal, finish]) : signal,
      progress: (now) => {
        const taken = spent + (performance.now() - start) / 1000;
        const share = Math.max((search.trial - 1 + now.done) / trials, taken / seconds);
        this.#context.progress({
          ...now,
          done: this.#further(groundShare + (1 - groundShare) * Math.min(1, share)),
          search: {
            ...search,
            ...(trials < Infinity && { trials }),
            ...(seconds < Infinity && { secondsLeft: Math.max(0, seconds - taken) }),
          },
        });
      },
    };
  }

  #further(done: number): number {
    this.#done = Math.max(this.#done, done);
    return this.#done;
  }
}
