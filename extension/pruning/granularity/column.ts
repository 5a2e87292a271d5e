import { isDiagonal } from '../../model/recurrentLayer.ts';
import type { Prunable } from '../prunable.ts';
import { count, type Grouping } from './granularity.ts';

/** A column of a matrix in all its gates: one input feature, or one unit's way back into the layer, of a diagonal a row. */
export function columnGroups(members: readonly Prunable[]): Grouping {
  const firsts = new Map<string, number>();
  let next = 0;
  const parts = members.map(({ view, matrixName, part }) => {
    const byRow = part !== undefined && isDiagonal(part.layer, part.matrix);
    const first = firsts.get(matrixName) ?? next;
    if (!firsts.has(matrixName)) next += byRow ? view.rows : view.columns;
    firsts.set(matrixName, first);
    return {
      view,
      matrixName,
      rows: byRow ? count(view.rows, first) : new Uint32Array(view.rows),
      columns: byRow ? new Uint32Array(view.columns) : count(view.columns, first),
      scored: true,
    };
  });
  const columns = [...firsts].map(([matrixName, first]) => ({ matrixName, first }));
  return { count: next, parts, columns };
}
