import type { FinetuneEpoch } from '../protocol/report.ts';
import type { FinetuneProgress } from '../protocol/requests.ts';
import { bestSoFar } from './bestEpoch.ts';
import type { FinetuneHooks } from './finetune.ts';
import type { FinetuneTask } from './finetuneTask.ts';
import { TrainingClock } from './trainingClock.ts';

/** Tells how far a training is, from within its epochs. */
export class Reporter {
  /** Of the present weights, as far as they were looked at. */
  sparsity: number;
  /** Validation loss of the pruned weights, once it is known. */
  before: number | undefined;
  /** The first epoch that may be the best. */
  counted = 1;
  readonly #epochs: readonly FinetuneEpoch[];
  readonly #all: number;
  readonly #hooks: FinetuneHooks;
  readonly #clock: TrainingClock;

  /** @param epochs those that are done; they become more */
  constructor(task: FinetuneTask, hooks: FinetuneHooks, epochs: readonly FinetuneEpoch[], sparsity: number) {
    const { settings, train, validation } = task;
    this.sparsity = sparsity;
    this.#epochs = epochs;
    this.#all = settings.epochs;
    this.#hooks = hooks;
    this.#clock = new TrainingClock(settings.epochs, train.count, validation.count, epochs.length);
  }

  readonly training = (share: number, loss?: number): Promise<void> => this.#tell('train', share, loss);

  validation(loss: number): (share: number) => Promise<void> {
    return (share) => this.#tell('validate', share, loss);
  }

  #tell(part: 'train' | 'validate', share: number, loss: number | undefined): Promise<void> {
    const epochs = this.#epochs;
    const last = epochs.at(-1);
    const secondsLeft = this.#clock.secondsLeft(epochs.length, part, share);
    const progress: FinetuneProgress = {
      epoch: epochs.length + 1,
      epochs: this.#all,
      ...(loss !== undefined && { loss }),
      ...(last && { validationLoss: last.validationLoss }),
      ...(this.before !== undefined && bestSoFar(epochs, this.before, this.counted)),
      sparsity: this.sparsity,
      ...(secondsLeft !== undefined && { secondsLeft }),
    };
    return this.#hooks.step(progress, this.#clock.done(epochs.length, part, share));
  }
}
