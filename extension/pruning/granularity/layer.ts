import type { Prunable } from '../prunable.ts';
import type { Grouping } from './granularity.ts';

/** Whole recurrent layers: all that the matrices of each, or of both its directions, hold. */
export function layerGroups(layers: readonly (readonly Prunable[])[]): Grouping {
  const parts = layers.flatMap((members, group) =>
    members.map(({ view, matrixName }) => ({
      view,
      matrixName,
      rows: new Uint32Array(view.rows).fill(group),
      columns: new Uint32Array(view.columns),
      scored: true,
    })),
  );
  return { count: layers.length, parts };
}
