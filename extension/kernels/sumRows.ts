import { Share } from './share';
import { Simd } from './simd';

/** So many rows are summed apart, which keeps the rounding of long sums small. */
const CHUNK: i32 = 64;

/** target [columns] = sum over the rows of source [rows, columns]; a bias' gradient. Threads divide the columns. */
export function sumRows(
  source: usize,
  rows: i32,
  columns: i32,
  target: usize,
  thread: i32,
  threads: i32,
): void {
  const line = (<usize>columns) << 2;
  const j1 = Share.to(columns, 16, thread, threads);
  for (let j = Share.from(columns, 16, thread, threads); j < j1; j += 4) {
    const count = j1 - j;
    let p = source + ((<usize>j) << 2);
    let total = Simd.zero();
    for (let i = 0; i < rows; i += CHUNK) {
      let sum = Simd.zero();
      for (let left = min(CHUNK, rows - i); left > 0; left--) {
        sum = f32x4.add(sum, Simd.loadPart(p, count));
        p += line;
      }
      total = f32x4.add(total, sum);
    }
    Simd.storePart(target + ((<usize>j) << 2), total, count);
  }
}
