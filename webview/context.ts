import type { Say } from '../extension/protocol/labels.ts';
import type { Numbers } from '../extension/protocol/numbers.ts';

/** What every part of the page draws with. */
export interface Drawing {
  readonly say: Say;
  readonly numbers: Numbers;
}
