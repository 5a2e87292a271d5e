import type { Prunable } from '../prunable.ts';
import { count, type Grouping } from './granularity.ts';

/** A row of one gate's matrix: all that one unit's gate reads through that matrix. */
export function rowGroups(members: readonly Prunable[]): Grouping {
  let first = 0;
  const parts = members.map(({ view, matrixName }) => {
    const rows = count(view.rows, first);
    first += view.rows;
    return { view, matrixName, rows, columns: new Uint32Array(view.columns), scored: true };
  });
  return { count: first, parts };
}
