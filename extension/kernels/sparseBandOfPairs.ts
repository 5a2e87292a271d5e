import { Simd } from './simd';
import { band } from './sparseBand';

/**
 * A narrow band, at most four vectors a row, two rows at a time: the sums of one row alone wait for each other, as a
 * multiply-add takes longer than the loads for so few of them.
 */
export function bandOfPairs<T>(
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
  for (let r = rows >> 1; r > 0; r--) {
    const below = out + bytes;
    let s0 = bias ? v128.load_splat<f32>(bias) : Simd.zero();
    let t0 = bias ? v128.load_splat<f32>(bias, 4) : Simd.zero();
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    let t1 = t0;
    let t2 = t0;
    let t3 = t0;
    if (adds) {
      s0 = f32x4.add(s0, v128.load(out));
      t0 = f32x4.add(t0, v128.load(below));
      if (sizeof<T>() > 1) {
        s1 = f32x4.add(s1, v128.load(out, 16));
        t1 = f32x4.add(t1, v128.load(below, 16));
      }
      if (sizeof<T>() > 2) {
        s2 = f32x4.add(s2, v128.load(out, 32));
        s3 = f32x4.add(s3, v128.load(out, 48));
        t2 = f32x4.add(t2, v128.load(below, 32));
        t3 = f32x4.add(t3, v128.load(below, 48));
      }
    }
    let at = starts;
    let weights = values;
    let places = offsets;
    let from = x;
    let more = starts2 !== 0;
    while (true) {
      const first = load<i32>(at);
      const second = load<i32>(at, 4);
      let left = second - first;
      let leftBelow = load<i32>(at, 8) - second;
      let v = weights + ((<usize>first) << 2);
      let o = places + ((<usize>first) << 2);
      let vBelow = weights + ((<usize>second) << 2);
      let oBelow = places + ((<usize>second) << 2);
      const both = min(left, leftBelow);
      left -= both;
      leftBelow -= both;
      for (let i = both; i > 0; i--) {
        const w = v128.load_splat<f32>(v);
        const p = from + load<u32>(o);
        const u = v128.load_splat<f32>(vBelow);
        const q = from + load<u32>(oBelow);
        s0 = Simd.multiplyAdd(w, v128.load(p), s0);
        t0 = Simd.multiplyAdd(u, v128.load(q), t0);
        if (sizeof<T>() > 1) {
          s1 = Simd.multiplyAdd(w, v128.load(p, 16), s1);
          t1 = Simd.multiplyAdd(u, v128.load(q, 16), t1);
        }
        if (sizeof<T>() > 2) {
          s2 = Simd.multiplyAdd(w, v128.load(p, 32), s2);
          t2 = Simd.multiplyAdd(u, v128.load(q, 32), t2);
          s3 = Simd.multiplyAdd(w, v128.load(p, 48), s3);
          t3 = Simd.multiplyAdd(u, v128.load(q, 48), t3);
        }
        v += 4;
        o += 4;
        vBelow += 4;
        oBelow += 4;
      }
      for (; left > 0; left--) {
        const w = v128.load_splat<f32>(v);
        const p = from + load<u32>(o);
        s0 = Simd.multiplyAdd(w, v128.load(p), s0);
        if (sizeof<T>() > 1) s1 = Simd.multiplyAdd(w, v128.load(p, 16), s1);
        if (sizeof<T>() > 2) {
          s2 = Simd.multiplyAdd(w, v128.load(p, 32), s2);
          s3 = Simd.multiplyAdd(w, v128.load(p, 48), s3);
        }
        v += 4;
        o += 4;
      }
      for (; leftBelow > 0; leftBelow--) {
        const w = v128.load_splat<f32>(vBelow);
        const p = from + load<u32>(oBelow);
        t0 = Simd.multiplyAdd(w, v128.load(p), t0);
        if (sizeof<T>() > 1) t1 = Simd.multiplyAdd(w, v128.load(p, 16), t1);
        if (sizeof<T>() > 2) {
          t2 = Simd.multiplyAdd(w, v128.load(p, 32), t2);
          t3 = Simd.multiplyAdd(w, v128.load(p, 48), t3);
        }
        vBelow += 4;
        oBelow += 4;
      }
      if (!more) break;
      more = false;
      at = starts2;
      weights = values2;
      places = offsets2;
      from = x2;
    }
    v128.store(out, s0);
    v128.store(below, t0);
    if (sizeof<T>() > 1) {
      v128.store(out, s1, 16);
      v128.store(below, t1, 16);
    }
    if (sizeof<T>() > 2) {
      v128.store(out, s2, 32);
      v128.store(out, s3, 48);
      v128.store(below, t2, 32);
      v128.store(below, t3, 48);
    }
    starts += 8;
    if (starts2) starts2 += 8;
    if (bias) bias += 8;
    out += 2 * bytes;
  }
  if (rows & 1) {
    band<T>(1, starts, values, offsets, x, starts2, values2, offsets2, x2, out, bytes, bias, adds);
  }
}
