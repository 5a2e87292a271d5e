import { Random } from '../../model/random.ts';
import type { WeightCriterion } from './criterion.ts';

/**
 * A number drawn for each weight, or for each group: what any other criterion must better. It depends on the seed and the weight's place
 * alone, so that what is pruned at one target is pruned at a higher one.
 */
export const random: WeightCriterion = {
  judges: 'weights',
  needs: [],
  // A mean of more numbers would lie nearer to 1/2, so that of unequal groups some went rather than others.
  combine: 'first',
  scores: ({ view, values }, _, seed) => {
    const numbers = new Random(seed ^ hash(`${view.parameter.name} ${view.offset}`));
    for (let i = 0; i < values.length; i++) values[i] = numbers.uniform();
    return values;
  },
};

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let mixed = 0x811c9dc5;
  for (const byte of Buffer.from(text)) mixed = Math.imul(mixed ^ byte, 0x01000193);
  return mixed >>> 0;
}
