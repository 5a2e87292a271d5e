import type { Answers, Contender, Request } from './contender.ts';

/** What takes turns: a process, or the fastest of several. */
export type Competitor = Pick<Contender, 'ask' | 'close'>;

/** Steps that are timed, after one that is not. */
const tries = 5;

/** Several processes of one contender that differ in what cannot be changed while they run; each network goes to the fastest. */
export class BestContender implements Competitor {
  readonly #all: ReadonlyMap<string, Contender>;
  #best: Contender;

  /** @param all by what they differ in, for the report; at least one */
  constructor(all: ReadonlyMap<string, Contender>) {
    this.#all = all;
    [this.#best] = all.values();
  }

  async ask<R extends Request>(request: R): Promise<Answers[R['do']]> {
    if (request.do !== 'prepare') return this.#best.ask(request);
    let least = Number.POSITIVE_INFINITY;
    let chosen: Answers['prepare'] | undefined;
    for (const [difference, contender] of this.#all) {
      const answer = (await contender.ask(request)) as Answers['prepare'];
      await contender.ask({ do: 'run', steps: 1 });
      const { ms } = await contender.ask({ do: 'run', steps: tries });
      if (ms >= least) continue;
      least = ms;
      this.#best = contender;
      chosen = { ...answer, setting: `${answer.setting}, ${difference}` };
    }
    return chosen as Answers[R['do']];
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#all.values()].map((contender) => contender.close()));
  }
}
