/** A step of training does about so many times the work of computing the same samples (Baydin et al. 2018). */
const trainingCost = 3;

/** How much of a training is done, and how long the rest will take at the pace so far. */
export class TrainingClock {
  readonly #start = performance.now();
  readonly #epochs: number;
  /** Share of an epoch before validation begins. */
  readonly #trainShare: number;
  readonly #earlier: number;

  /** @param earlier epochs that were done before the clock started */
  constructor(epochs: number, trainSamples: number, validationSamples: number, earlier: number) {
    this.#epochs = epochs;
    const work = trainingCost * trainSamples;
    this.#trainShare = work / (work + validationSamples);
    this.#earlier = earlier;
  }

  /** Share of all epochs that is done, 0 to 1. */
  done(epochs: number, part: 'train' | 'validate', share: number): number {
    return this.#inEpochs(epochs, part, share) / this.#epochs;
  }

  /** Undefined as long as there is no pace. */
  secondsLeft(epochs: number, part: 'train' | 'validate', share: number): number | undefined {
    const done = this.#inEpochs(epochs, part, share);
    const here = done - this.#earlier;
    if (here <= 0) return undefined;
    const seconds = (performance.now() - this.#start) / 1000;
    return (seconds / here) * (this.#epochs - done);
  }

  #inEpochs(epochs: number, part: 'train' | 'validate', share: number): number {
    return (
      epochs +
      (part === 'train' ? share * this.#trainShare : this.#trainShare + share * (1 - this.#trainShare))
    );
  }
}
