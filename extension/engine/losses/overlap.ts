import type { Loss } from '../../model/loss.ts';
import { epsilon } from './clip.ts';

/**
 * What outputs p and targets y have in common: I = Σ y·p, beside Σ y and Σ p. The loss is 1 − I / (I + α(Σy − I) + β(Σp − I) + ε) (Salehi
 * et al., "Tversky loss function for image segmentation", 2017); Dice's has α = β = ½, and in Keras half of ε.
 */
export class Overlap {
  readonly #alpha: number;
  readonly #beta: number;
  readonly #epsilon: number;
  #both = 0;
  #targets = 0;
  #outputs = 0;

  constructor({ name, options = {} }: Pick<Loss, 'name' | 'options'>) {
    const { alpha = 0.5, beta = 0.5 } = name === 'tversky' ? options : {};
    [this.#alpha, this.#beta] = [alpha, beta];
    this.#epsilon = name === 'tversky' ? epsilon : epsilon / 2;
  }

  add(p: Float64Array, y: Float64Array): void {
    for (let i = 0; i < p.length; i++) {
      this.#both += y[i] * p[i];
      this.#targets += y[i];
      this.#outputs += p[i];
    }
  }

  get loss(): number {
    return 1 - this.#both / this.#all;
  }

  /** Of the loss to an output whose target is y. */
  slope(y: number): number {
    const moved = (1 - this.#alpha - this.#beta) * y + this.#beta;
    return -(y * this.#all - this.#both * moved) / this.#all ** 2;
  }

  get #all(): number {
    const both = this.#both;
    const [missed, wrong] = [this.#targets - both, this.#outputs - both];
    return both + this.#alpha * missed + this.#beta * wrong + this.#epsilon;
  }
}

/** The loss of outputs and targets of any length that are one. @param into takes the gradient */
export function overlapLoss(loss: Pick<Loss, 'name' | 'options'>) {
  return (p: Float64Array, y: Float64Array, into?: Float64Array): number => {
    const overlap = new Overlap(loss);
    overlap.add(p, y);
    if (into) for (let i = 0; i < p.length; i++) into[i] = overlap.slope(y[i]);
    return overlap.loss;
  };
}
