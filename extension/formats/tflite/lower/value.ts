import type { ValueName } from '../../../model/graph.ts';

/**
 * How a tensor of the file lies in our graph, where the batch is the first axis: as it is; with steps before the batch; or with the batch
 * and some axes behind it joined into one, as a product with a matrix leaves them.
 */
export type Layout = 'batch' | 'time' | 'rows';

export interface Lowered {
  readonly name: ValueName;
  readonly layout: Layout;
  /** Of our value, without the batch; null where free. */
  readonly shape: readonly (number | null)[];
}
