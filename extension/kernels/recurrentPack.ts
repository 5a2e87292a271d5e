import { LEFT, packLeft, packLeftTransposed } from './pack';
import { Share } from './share';

/* Packs a matrix [M, K] for recurrentDense.ts. */

/** [M/4][K][4] */
export function recurrentPack(
  matrix: usize,
  rows: i32,
  columns: i32,
  packed: usize,
  thread: i32,
  threads: i32,
): void {
  const panels = (rows + LEFT - 1) / LEFT;
  const from = Share.from(panels, 1, thread, threads);
  packLeft(matrix, columns, rows, columns, packed, from, Share.to(panels, 1, thread, threads));
}

/** Its transpose [K/4][M][4]. */
export function recurrentPackTransposed(
  matrix: usize,
  rows: i32,
  columns: i32,
  packed: usize,
  thread: i32,
  threads: i32,
): void {
  const panels = (columns + LEFT - 1) / LEFT;
  const from = Share.from(panels, 1, thread, threads);
  packLeftTransposed(matrix, columns, columns, rows, packed, from, Share.to(panels, 1, thread, threads));
}
