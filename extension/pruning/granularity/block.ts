import type { Prunable } from '../prunable.ts';
import type { Grouping, GroupPart } from './granularity.ts';

/**
 * Blocks of r rows and c columns of each gate's matrix (Narang et al., "Block-Sparse Recurrent Neural Networks", 2017); those at the edges
 * may be smaller. Numbered along the rows.
 */
export function blockGroups(
  members: readonly Prunable[],
  { rows, columns }: { readonly rows: number; readonly columns: number },
): Grouping {
  let count = 0;
  const parts = members.map(({ view, matrixName }): GroupPart => {
    const across = Math.ceil(view.columns / columns);
    const first = count;
    count += across * Math.ceil(view.rows / rows);
    return {
      view,
      matrixName,
      rows: Uint32Array.from({ length: view.rows }, (_, r) => first + Math.floor(r / rows) * across),
      columns: Uint32Array.from({ length: view.columns }, (_, c) => Math.floor(c / columns)),
      scored: true,
    };
  });
  return { count, parts };
}
