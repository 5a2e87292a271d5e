import type { DecayName } from '../protocol/recipe.ts';

/** Where an exponential decay ends, as a share of where it began. */
const lastShare = 0.01;

/**
 * The factor of the learning rate at a step, `done` = steps before it / all steps, 0 ≤ done < 1. linear: 1 − done; cosine: ½ (1 + cos π
 * done), as Loshchilov and Hutter, SGDR, 2017 (Keras' CosineDecay); exponential: 0.01 to the power of done.
 */
export function decayFactor(decay: DecayName, done: number): number {
  switch (decay) {
    case 'none':
      return 1;
    case 'linear':
      return 1 - done;
    case 'cosine':
      return (1 + Math.cos(Math.PI * done)) / 2;
    case 'exponential':
      return lastShare ** done;
  }
}
