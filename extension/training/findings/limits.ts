import type { FindingLimits } from '../../protocol/sensitivity.ts';
import { silentBelow } from '../evidence/units.ts';

/** What counts as dead, constant and saturated. */
export const limits: FindingLimits = {
  silent: silentBelow,
  constant: 0.01,
  low: 0.05,
  high: 0.95,
  always: 0.99,
};
