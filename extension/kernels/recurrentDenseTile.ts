import { Simd } from './simd';

/*
 * Tiles of the product in recurrentDense.ts. A tile of 4 rows by 8 samples has 8 accumulators, as many as it takes to keep two
 * multiply-adds a cycle under way; 2 + 4 loads for 8 of them. One of 8 rows by 4 samples has as many, with 1 + 8 loads.
 */

/** Up to 4 rows by one or two vectors of samples, as many as T has bytes: parameters of types alone are known when it compiles. */
export function tile<T>(
  a: usize,
  b: usize,
  columns: i32,
  a2: usize,
  b2: usize,
  columns2: i32,
  bytes: usize,
  c0: usize,
  rows: i32,
  bias: usize,
  accumulate: bool,
): void {
  const c1 = c0 + bytes;
  const c2 = c1 + bytes;
  const c3 = c2 + bytes;
  let s00 = Simd.zero();
  let s10 = s00;
  let s20 = s00;
  let s30 = s00;
  if (bias) {
    s00 = v128.load_splat<f32>(bias);
    s10 = v128.load_splat<f32>(bias, 4);
    s20 = v128.load_splat<f32>(bias, 8);
    s30 = v128.load_splat<f32>(bias, 12);
  }
  let s01 = s00;
  let s11 = s10;
  let s21 = s20;
  let s31 = s30;
  if (accumulate) {
    s00 = f32x4.add(s00, v128.load(c0));
    s10 = f32x4.add(s10, v128.load(c1));
    s20 = f32x4.add(s20, v128.load(c2));
    s30 = f32x4.add(s30, v128.load(c3));
    if (sizeof<T>() > 1) {
      s01 = f32x4.add(s01, v128.load(c0, 16));
      s11 = f32x4.add(s11, v128.load(c1, 16));
      s21 = f32x4.add(s21, v128.load(c2, 16));
      s31 = f32x4.add(s31, v128.load(c3, 16));
    }
  }
  let k = columns;
  let more = columns2;
  while (true) {
    for (; k > 0; k--) {
      const x0 = v128.load(b);
      const x1 = sizeof<T>() > 1 ? v128.load(b, 16) : x0;
      let w = v128.load_splat<f32>(a);
      s00 = Simd.multiplyAdd(w, x0, s00);
      if (sizeof<T>() > 1) s01 = Simd.multiplyAdd(w, x1, s01);
      w = v128.load_splat<f32>(a, 4);
      s10 = Simd.multiplyAdd(w, x0, s10);
      if (sizeof<T>() > 1) s11 = Simd.multiplyAdd(w, x1, s11);
      w = v128.load_splat<f32>(a, 8);
      s20 = Simd.multiplyAdd(w, x0, s20);
      if (sizeof<T>() > 1) s21 = Simd.multiplyAdd(w, x1, s21);
      w = v128.load_splat<f32>(a, 12);
      s30 = Simd.multiplyAdd(w, x0, s30);
      if (sizeof<T>() > 1) s31 = Simd.multiplyAdd(w, x1, s31);
      a += 16;
      b += bytes;
    }
    if (!more) break;
    k = more;
    a = a2;
    b = b2;
    more = 0;
  }
  v128.store(c0, s00);
  if (sizeof<T>() > 1) v128.store(c0, s01, 16);
  if (rows > 1) {
    v128.store(c1, s10);
    if (sizeof<T>() > 1) v128.store(c1, s11, 16);
  }
  if (rows > 2) {
    v128.store(c2, s20);
    if (sizeof<T>() > 1) v128.store(c2, s21, 16);
  }
  if (rows > 3) {
    v128.store(c3, s30);
    if (sizeof<T>() > 1) v128.store(c3, s31, 16);
  }
}

/** 8 rows, their weights in two packed panels `a` and `b`. */
export function tallTile(
  a: usize,
  b: usize,
  x: usize,
  columns: i32,
  a2: usize,
  b2: usize,
  x2: usize,
  columns2: i32,
  bytes: usize,
  c: usize,
  bias: usize,
  accumulate: bool,
): void {
  let s0 = Simd.zero();
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  let s4 = s0;
  let s5 = s0;
  let s6 = s0;
  let s7 = s0;
  if (bias) {
    s0 = v128.load_splat<f32>(bias);
    s1 = v128.load_splat<f32>(bias, 4);
    s2 = v128.load_splat<f32>(bias, 8);
    s3 = v128.load_splat<f32>(bias, 12);
    s4 = v128.load_splat<f32>(bias, 16);
    s5 = v128.load_splat<f32>(bias, 20);
    s6 = v128.load_splat<f32>(bias, 24);
    s7 = v128.load_splat<f32>(bias, 28);
  }
  const d = c + 4 * bytes;
  if (accumulate) {
    s0 = f32x4.add(s0, v128.load(c));
    s1 = f32x4.add(s1, v128.load(c + bytes));
    s2 = f32x4.add(s2, v128.load(c + 2 * bytes));
    s3 = f32x4.add(s3, v128.load(c + 3 * bytes));
    s4 = f32x4.add(s4, v128.load(d));
    s5 = f32x4.add(s5, v128.load(d + bytes));
    s6 = f32x4.add(s6, v128.load(d + 2 * bytes));
    s7 = f32x4.add(s7, v128.load(d + 3 * bytes));
  }
  let k = columns;
  let more = columns2;
  while (true) {
    for (; k > 0; k--) {
      const v = v128.load(x);
      s0 = Simd.multiplyAdd(v128.load_splat<f32>(a), v, s0);
      s1 = Simd.multiplyAdd(v128.load_splat<f32>(a, 4), v, s1);
      s2 = Simd.multiplyAdd(v128.load_splat<f32>(a, 8), v, s2);
      s3 = Simd.multiplyAdd(v128.load_splat<f32>(a, 12), v, s3);
      s4 = Simd.multiplyAdd(v128.load_splat<f32>(b), v, s4);
      s5 = Simd.multiplyAdd(v128.load_splat<f32>(b, 4), v, s5);
      s6 = Simd.multiplyAdd(v128.load_splat<f32>(b, 8), v, s6);
      s7 = Simd.multiplyAdd(v128.load_splat<f32>(b, 12), v, s7);
      a += 16;
      b += 16;
      x += bytes;
    }
    if (!more) break;
    k = more;
    a = a2;
    b = b2;
    x = x2;
    more = 0;
  }
  v128.store(c, s0);
  v128.store(c + bytes, s1);
  v128.store(c + 2 * bytes, s2);
  v128.store(c + 3 * bytes, s3);
  v128.store(d, s4);
  v128.store(d + bytes, s5);
  v128.store(d + 2 * bytes, s6);
  v128.store(d + 3 * bytes, s7);
}
