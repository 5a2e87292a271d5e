import { isSparse, type Loss, type LossOptions } from '../../model/loss.ts';
import type { LossName } from '../../protocol/losses.ts';
import { binaryFocal, categoricalFocal } from './focal.ts';
import { generalized } from './generalized.ts';
import { categoricalHinge, cosineSimilarity, hinge } from './margins.ts';
import { overlapLoss } from './overlap.ts';
import { huber } from './regression.ts';

/** Loss of one row, which writes its gradient where it is given room for that. */
export type LossWithGradient = (outputs: Float64Array, targets: Float64Array, into?: Float64Array) => number;

/** Losses that know their gradients themselves, by their options. */
export const lossesWithGradient: Partial<Record<LossName, (options: LossOptions) => LossWithGradient>> = {
  binary_focal_crossentropy: binaryFocal,
  categorical_focal_crossentropy: categoricalFocal,
  categorical_generalized_cross_entropy: generalized,
  dice: (options) => overlapLoss({ name: 'dice', options }),
  tversky: (options) => overlapLoss({ name: 'tversky', options }),
  huber: ({ delta = 1 }) => huber(delta),
  hinge: hinge(1),
  squared_hinge: hinge(2),
  categorical_hinge: () => categoricalHinge,
  cosine_similarity: () => cosineSimilarity,
};

/** Whether a row of these targets counts, but for masks. */
export function isCounted({ name, options }: Loss, targets: ArrayLike<number>, at = 0): boolean {
  return !isSparse(name) || options?.ignoreClass === undefined || targets[at] !== options.ignoreClass;
}

/**
 * The name of the loss that is computed of a row, and the targets that it gets: smoothed ones are [C], be it that the data says a class
 * index.
 */
export function smoothed({ name, width, options }: Loss): {
  readonly name: LossName;
  targets(row: Float64Array): Float64Array;
} {
  const { labelSmoothing: share = 0 } = options ?? {};
  if (share === 0) return { name, targets: (row) => row };
  const target = new Float64Array(width);
  const rest = name.startsWith('binary') ? 0.5 : 1 / width;
  return {
    name: isSparse(name) ? 'categorical_crossentropy' : name,
    targets: (row) => {
      for (let c = 0; c < width; c++) {
        const given = isSparse(name) ? Number(row[0] === c) : row[c];
        target[c] = given * (1 - share) + rest * share;
      }
      return target;
    },
  };
}
