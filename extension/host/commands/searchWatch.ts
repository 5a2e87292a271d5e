import type { JobProgress, SearchProgress } from '../../protocol/requests.ts';

/** Follows the progress of a search, to tell what could be kept of it. */
export class SearchWatch {
  /** Called when another trial is the best, and when the trials are over. */
  onDidChange: () => void = () => {};
  #best: SearchProgress['best'];
  #done = 0;

  /** The smallest model so far within the budget; undefined where there is none yet, or nothing is tried any more. */
  get best(): SearchProgress['best'] {
    return this.#best;
  }

  /** Trials that are whole, and taken up again by the same search. */
  get done(): number {
    return this.#done;
  }

  take({ search }: JobProgress): void {
    if (search) this.#done = search.trial - 1;
    if (search?.best?.trial === this.#best?.trial) return;
    this.#best = search?.best;
    this.onDidChange();
  }

  /** The search is over. */
  end(): void {
    this.take({ stage: 'write', done: 1 });
  }
}
