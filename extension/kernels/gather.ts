import { Share } from './share';
import { Simd } from './simd';

/** target [count, width] = rows of table [vocabulary, width] by ids [count]. Threads divide the ids. */
export function gatherRows(
  table: usize,
  ids: usize,
  count: i32,
  width: i32,
  target: usize,
  thread: i32,
  threads: i32,
): void {
  const bytes = (<usize>width) << 2;
  const to = Share.to(count, 1, thread, threads);
  for (let i = Share.from(count, 1, thread, threads); i < to; i++) {
    const id = load<i32>(ids + ((<usize>i) << 2));
    memory.copy(target + <usize>i * bytes, table + <usize>id * bytes, bytes);
  }
}

/**
 * Its gradient: table [vocabulary, width] = 0, then each row of dy [count, width] added to the row of its id, in order.
 * Threads divide the columns, so that the order of the additions does not depend on their number.
 */
export function scatterRows(
  dy: usize,
  ids: usize,
  count: i32,
  width: i32,
  vocabulary: i32,
  table: usize,
  thread: i32,
  threads: i32,
): void {
  const bytes = (<usize>width) << 2;
  const from = Share.from(width, 16, thread, threads);
  const columns = Share.to(width, 16, thread, threads) - from;
  const part = (<usize>columns) << 2;
  const origin = table + ((<usize>from) << 2);
  if (columns === width) memory.fill(table, 0, <usize>vocabulary * bytes);
  else for (let v = 0; v < vocabulary; v++) memory.fill(origin + <usize>v * bytes, 0, part);
  let p = dy + ((<usize>from) << 2);
  for (let i = 0; i < count; i++) {
    const row = origin + <usize>load<i32>(ids + ((<usize>i) << 2)) * bytes;
    for (let j = 0; j < columns; j += 4) {
      const at = (<usize>j) << 2;
      const left = columns - j;
      const sum = f32x4.add(Simd.loadPart(row + at, left), Simd.loadPart(p + at, left));
      Simd.storePart(row + at, sum, left);
    }
    p += bytes;
  }
}
