/**
 * Visits the rows that count, of `rows` that a tensor [B, T, …, C] has before its last axis. The mask [B, T] holds 0 for
 * steps that do not; where there are more rows than steps, each step covers as many.
 */
export function forEachRow(
  rows: number,
  mask: ArrayLike<number> | undefined,
  visit: (row: number) => void,
): void {
  if (!mask) {
    for (let row = 0; row < rows; row++) visit(row);
    return;
  }
  const steps = mask.length;
  const rowsPerStep = rows / steps;
  if (!Number.isInteger(rowsPerStep) && steps > 0) {
    throw new Error(`a mask of ${steps} steps does not fit ${rows} rows`);
  }
  for (let step = 0; step < steps; step++) {
    if (mask[step] === 0) continue;
    for (let row = step * rowsPerStep; row < (step + 1) * rowsPerStep; row++) visit(row);
  }
}
