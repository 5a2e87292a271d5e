import { magnitude } from './magnitude.ts';

/**
 * Σ|w| of a group over its number of weights (Li et al., "Pruning Filters for Efficient ConvNets", 2017): the magnitude by another name.
 */
export const l1 = magnitude;
