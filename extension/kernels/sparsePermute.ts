/** The values of a transpose: to[i] = from[order[i]]. The values are shared among the threads. */
export function sparsePermute(
  from: usize,
  order: usize,
  count: i32,
  to: usize,
  thread: i32,
  threads: i32,
): void {
  const first = <i32>((<i64>count * thread) / threads);
  const end = to + ((<usize>((<i64>count * (thread + 1)) / threads)) << 2);
  order += (<usize>first) << 2;
  for (to += (<usize>first) << 2; to < end; to += 4, order += 4) {
    store<f32>(to, load<f32>(from + ((<usize>load<i32>(order)) << 2)));
  }
}
