import { Simd } from './simd';

/**
 * Some samples of every row: one, two, four or eight vectors of them, as many as T has bytes. AssemblyScript has no other
 * parameter that is known when it compiles; what a narrow band does not have is left out of its code.
 */
export function band<T>(
  rows: i32,
  starts: usize,
  values: usize,
  offsets: usize,
  x: usize,
  starts2: usize,
  values2: usize,
  offsets2: usize,
  x2: usize,
  out: usize,
  bytes: usize,
  bias: usize,
  adds: bool,
): void {
  for (let r = 0; r < rows; r++) {
    let s0 = bias ? v128.load_splat<f32>(bias + ((<usize>r) << 2)) : Simd.zero();
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    let s4 = s0;
    let s5 = s0;
    let s6 = s0;
    let s7 = s0;
    if (adds) {
      s0 = f32x4.add(s0, v128.load(out));
      if (sizeof<T>() > 1) s1 = f32x4.add(s1, v128.load(out, 16));
      if (sizeof<T>() > 2) {
        s2 = f32x4.add(s2, v128.load(out, 32));
        s3 = f32x4.add(s3, v128.load(out, 48));
      }
      if (sizeof<T>() > 4) {
        s4 = f32x4.add(s4, v128.load(out, 64));
        s5 = f32x4.add(s5, v128.load(out, 80));
        s6 = f32x4.add(s6, v128.load(out, 96));
        s7 = f32x4.add(s7, v128.load(out, 112));
      }
    }
    let first = load<i32>(starts);
    let count = load<i32>(starts, 4) - first;
    let v = values + ((<usize>first) << 2);
    let o = offsets + ((<usize>first) << 2);
    let from = x;
    let more = starts2 !== 0;
    while (true) {
      for (; count > 0; count--) {
        const w = v128.load_splat<f32>(v);
        const p = from + load<u32>(o);
        s0 = Simd.multiplyAdd(w, v128.load(p), s0);
        if (sizeof<T>() > 1) s1 = Simd.multiplyAdd(w, v128.load(p, 16), s1);
        if (sizeof<T>() > 2) {
          s2 = Simd.multiplyAdd(w, v128.load(p, 32), s2);
          s3 = Simd.multiplyAdd(w, v128.load(p, 48), s3);
        }
        if (sizeof<T>() > 4) {
          s4 = Simd.multiplyAdd(w, v128.load(p, 64), s4);
          s5 = Simd.multiplyAdd(w, v128.load(p, 80), s5);
          s6 = Simd.multiplyAdd(w, v128.load(p, 96), s6);
          s7 = Simd.multiplyAdd(w, v128.load(p, 112), s7);
        }
        v += 4;
        o += 4;
      }
      if (!more) break;
      more = false;
      first = load<i32>(starts2);
      count = load<i32>(starts2, 4) - first;
      v = values2 + ((<usize>first) << 2);
      o = offsets2 + ((<usize>first) << 2);
      from = x2;
      starts2 += 4;
    }
    v128.store(out, s0);
    if (sizeof<T>() > 1) v128.store(out, s1, 16);
    if (sizeof<T>() > 2) {
      v128.store(out, s2, 32);
      v128.store(out, s3, 48);
    }
    if (sizeof<T>() > 4) {
      v128.store(out, s4, 64);
      v128.store(out, s5, 80);
      v128.store(out, s6, 96);
      v128.store(out, s7, 112);
    }
    starts += 4;
    out += bytes;
  }
}
