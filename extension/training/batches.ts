/** Ranges [start, end) of at most `size` samples, in order. */
export function* ranges(count: number, size: number): Generator<readonly [number, number]> {
  for (let start = 0; start < count; start += size) yield [start, Math.min(start + size, count)];
}
