import { Sums } from './recurrentSums';
import { Simd } from './simd';

/**
 * A row of a sparse gradient at its kept positions, gradient[i] = d · x[index i], or added to what is there; d and the rows
 * of x are runs of `bytes` bytes. Eight kept values at a time share the loads of d.
 */
export function sparseGradient(
  starts: usize,
  indices: usize,
  gradient: usize,
  d: usize,
  x: usize,
  bytes: usize,
  first: bool,
): void {
  const from = load<i32>(starts);
  let count = load<i32>(starts, 4) - from;
  let index = indices + ((<usize>from) << 2);
  let out = gradient + ((<usize>from) << 2);
  for (; count >= 8; count -= 8) {
    eight(index, out, d, x, bytes, first);
    index += 32;
    out += 32;
  }
  for (; count >= 4; count -= 4) {
    four(index, out, 4, d, x, bytes, first);
    index += 16;
    out += 16;
  }
  if (count > 0) four(index, out, count, d, x, bytes, first);
}

function eight(index: usize, out: usize, d: usize, x: usize, bytes: usize, first: bool): void {
  const p0 = x + <usize>load<i32>(index) * bytes;
  const p1 = x + <usize>load<i32>(index, 4) * bytes;
  const p2 = x + <usize>load<i32>(index, 8) * bytes;
  const p3 = x + <usize>load<i32>(index, 12) * bytes;
  const p4 = x + <usize>load<i32>(index, 16) * bytes;
  const p5 = x + <usize>load<i32>(index, 20) * bytes;
  const p6 = x + <usize>load<i32>(index, 24) * bytes;
  const p7 = x + <usize>load<i32>(index, 28) * bytes;
  let s0 = Simd.zero();
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  let s4 = s0;
  let s5 = s0;
  let s6 = s0;
  let s7 = s0;
  for (let q: usize = 0; q < bytes; q += 16) {
    const v = v128.load(d + q);
    s0 = Simd.multiplyAdd(v, v128.load(p0 + q), s0);
    s1 = Simd.multiplyAdd(v, v128.load(p1 + q), s1);
    s2 = Simd.multiplyAdd(v, v128.load(p2 + q), s2);
    s3 = Simd.multiplyAdd(v, v128.load(p3 + q), s3);
    s4 = Simd.multiplyAdd(v, v128.load(p4 + q), s4);
    s5 = Simd.multiplyAdd(v, v128.load(p5 + q), s5);
    s6 = Simd.multiplyAdd(v, v128.load(p6 + q), s6);
    s7 = Simd.multiplyAdd(v, v128.load(p7 + q), s7);
  }
  let a = Sums.of4(s0, s1, s2, s3);
  let b = Sums.of4(s4, s5, s6, s7);
  if (!first) {
    a = f32x4.add(a, v128.load(out));
    b = f32x4.add(b, v128.load(out, 16));
  }
  v128.store(out, a);
  v128.store(out, b, 16);
}

/** Two sums for each value: with so few of them, one alone would wait for its own multiply-adds. */
function four(index: usize, out: usize, count: i32, d: usize, x: usize, bytes: usize, first: bool): void {
  // Values beyond the last are the first one again.
  const p0 = x + <usize>load<i32>(index) * bytes;
  const p1 = count > 1 ? x + <usize>load<i32>(index, 4) * bytes : p0;
  const p2 = count > 2 ? x + <usize>load<i32>(index, 8) * bytes : p0;
  const p3 = count > 3 ? x + <usize>load<i32>(index, 12) * bytes : p0;
  let s0 = Simd.zero();
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  let t0 = s0;
  let t1 = s0;
  let t2 = s0;
  let t3 = s0;
  const pairs = bytes & -32;
  for (let q: usize = 0; q < pairs; q += 32) {
    const v = v128.load(d + q);
    s0 = Simd.multiplyAdd(v, v128.load(p0 + q), s0);
    s1 = Simd.multiplyAdd(v, v128.load(p1 + q), s1);
    s2 = Simd.multiplyAdd(v, v128.load(p2 + q), s2);
    s3 = Simd.multiplyAdd(v, v128.load(p3 + q), s3);
    const w = v128.load(d + q, 16);
    t0 = Simd.multiplyAdd(w, v128.load(p0 + q, 16), t0);
    t1 = Simd.multiplyAdd(w, v128.load(p1 + q, 16), t1);
    t2 = Simd.multiplyAdd(w, v128.load(p2 + q, 16), t2);
    t3 = Simd.multiplyAdd(w, v128.load(p3 + q, 16), t3);
  }
  if (pairs < bytes) {
    const v = v128.load(d + pairs);
    s0 = Simd.multiplyAdd(v, v128.load(p0 + pairs), s0);
    s1 = Simd.multiplyAdd(v, v128.load(p1 + pairs), s1);
    s2 = Simd.multiplyAdd(v, v128.load(p2 + pairs), s2);
    s3 = Simd.multiplyAdd(v, v128.load(p3 + pairs), s3);
  }
  let a = Sums.of4(f32x4.add(s0, t0), f32x4.add(s1, t1), f32x4.add(s2, t2), f32x4.add(s3, t3));
  if (!first) a = f32x4.add(a, Simd.loadPart(out, count));
  Simd.storePart(out, a, count);
}
