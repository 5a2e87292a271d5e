import type { WeightCriterion } from './criterion.ts';
import { magnitude } from './magnitude.ts';

/** √(Σw² / n) of a group: its L2 norm, which torch.nn.utils.prune.ln_structured ranks by, made comparable among groups of unequal sizes. */
export const l2: WeightCriterion = { ...magnitude, combine: 'rootMeanSquare' };
