import type { Prunable } from '../prunable.ts';
import { count, type Grouping } from './granularity.ts';

/** A column of a matrix in all its gates: one input feature, or one unit's way back into the layer. */
export function columnGroups(members: readonly Prunable[]): Grouping {
  const firsts = new Map<string, number>();
  let next = 0;
  const parts = members.map(({ view, matrixName }) => {
    const first = firsts.get(matrixName) ?? next;
    if (!firsts.has(matrixName)) next += view.columns;
    firsts.set(matrixName, first);
    return {
      view,
      matrixName,
      rows: new Uint32Array(view.rows),
      columns: count(view.columns, first),
      scored: true,
    };
  });
  const columns = [...firsts].map(([matrixName, first]) => ({ matrixName, first }));
  return { count: next, parts, columns };
}
