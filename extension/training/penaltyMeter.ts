import type { Session } from '../engine/session.ts';
import type { Graph, ValueName } from '../model/graph.ts';
import { type ActivityPenalty, normPenalty } from '../model/penalty.ts';
import type { Tensor } from '../model/tensor.ts';

/** What regularizers of the file add to a loss over samples, added up over batches of any size. */
export class PenaltyMeter {
  readonly #penalties: readonly ActivityPenalty[];
  readonly #counts: boolean;
  #sum = 0;
  #samples = 0;

  constructor({ activityPenalties = [], evaluatedWithoutPenalties }: Graph) {
    this.#counts = !evaluatedWithoutPenalties;
    this.#penalties = this.#counts ? activityPenalties : [];
  }

  /** The values of the graph that are looked at. */
  get values(): ValueName[] {
    return this.#penalties.map(({ value }) => value);
  }

  /** Adds these values of a batch. */
  add(values: readonly Tensor[], samples: number): void {
    for (const [i, penalty] of this.#penalties.entries()) this.#sum += normPenalty(penalty, values[i].data);
    this.#samples += samples;
  }

  /** With the penalties of the weights that the session has now. */
  async result(session: Session): Promise<number> {
    if (!this.#counts) return 0;
    const weights = await session.penalty();
    return this.#penalties.length > 0 ? weights + this.#sum / this.#samples : weights;
  }
}
