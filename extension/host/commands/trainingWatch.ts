import type { JobProgress } from '../../protocol/requests.ts';

/** What a prune would keep if its fine-tuning ended now. */
export interface Keepable {
  /** The lowest validation loss so far, and its epoch; 0: the pruned weights, untrained. */
  readonly loss: number;
  readonly epoch: number;
  /**
   * Whether no epoch is whole yet, so that only the pruned weights were measured; what was trained of the first is measured when it ends.
   */
  readonly inFirst: boolean;
}

/** Follows the progress of one prune after another, to tell what could be kept of the fine-tuning under way. */
export class TrainingWatch {
  /** Called with each progress that changes what could be kept, and when the fine-tuning is over. */
  onDidChange: () => void = () => {};
  #keepable: Keepable | undefined;
  #trained = false;

  /** Undefined where nothing is being trained, or no step was taken yet. */
  get keepable(): Keepable | undefined {
    return this.#keepable;
  }

  /** Whether there is a checkpoint to go on from. */
  get trained(): boolean {
    return this.#trained;
  }

  /** A prune begins. */
  start(): void {
    this.#trained = false;
    this.end();
  }

  take({ stage, finetune }: JobProgress): void {
    if (stage !== 'finetune') this.end();
    if (!finetune) return;
    const inFirst = finetune.epoch < 2;
    this.#trained = finetune.checkpoint !== undefined;
    const { loss: training, bestValidationLoss: loss, bestEpoch: epoch } = finetune;
    if ((inFirst && training === undefined) || loss === undefined || epoch === undefined) return;
    if (loss === this.#keepable?.loss && inFirst === this.#keepable.inFirst) return;
    this.#keepable = { loss, epoch, inFirst };
    this.onDidChange();
  }

  /** The fine-tuning is over, or the prune is. */
  end(): void {
    if (!this.#keepable) return;
    this.#keepable = undefined;
    this.onDidChange();
  }
}
