/** A thread's share of `count` outputs is [Share.from, Share.to), both multiples of `unit` but for the end. */
export class Share {
  @inline
  static from(count: i32, unit: i32, thread: i32, threads: i32): i32 {
    const units = (count + unit - 1) / unit;
    return min(count, <i32>((<i64>units * thread) / threads) * unit);
  }

  @inline
  static to(count: i32, unit: i32, thread: i32, threads: i32): i32 {
    return Share.from(count, unit, thread + 1, threads);
  }
}
