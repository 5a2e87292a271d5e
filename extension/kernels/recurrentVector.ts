import { Sums } from './recurrentSums';
import { Simd } from './simd';

/*
 * Products for one sample, W [M, K] row-major: panels would leave three of four lanes idle. The sums run along the rows, eight
 * of them at a time, for the transpose along the columns, 32 at a time.
 */

/** out [M] = W · x + bias, or added to what is there. */
export function vectorProduct(
  rows: i32,
  columns: i32,
  weights: usize,
  x: usize,
  out: usize,
  bias: usize,
  accumulate: bool,
): void {
  const bytes = (<usize>columns) << 2;
  const whole = (<usize>(columns & -4)) << 2;
  const left = columns & 3;
  for (let r = 0; r < rows; r += 8) {
    const count = min(8, rows - r);
    const a0 = weights + <usize>r * bytes;
    // Rows beyond the last are the last one again.
    const a1 = count > 1 ? a0 + bytes : a0;
    const a2 = count > 2 ? a1 + bytes : a1;
    const a3 = count > 3 ? a2 + bytes : a2;
    const a4 = count > 4 ? a3 + bytes : a3;
    const a5 = count > 5 ? a4 + bytes : a4;
    const a6 = count > 6 ? a5 + bytes : a5;
    const a7 = count > 7 ? a6 + bytes : a6;
    let s0 = Simd.zero();
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    let s4 = s0;
    let s5 = s0;
    let s6 = s0;
    let s7 = s0;
    for (let k: usize = 0; k < whole; k += 16) {
      const v = v128.load(x + k);
      s0 = Simd.multiplyAdd(v, v128.load(a0 + k), s0);
      s1 = Simd.multiplyAdd(v, v128.load(a1 + k), s1);
      s2 = Simd.multiplyAdd(v, v128.load(a2 + k), s2);
      s3 = Simd.multiplyAdd(v, v128.load(a3 + k), s3);
      s4 = Simd.multiplyAdd(v, v128.load(a4 + k), s4);
      s5 = Simd.multiplyAdd(v, v128.load(a5 + k), s5);
      s6 = Simd.multiplyAdd(v, v128.load(a6 + k), s6);
      s7 = Simd.multiplyAdd(v, v128.load(a7 + k), s7);
    }
    if (left) {
      const v = Simd.loadPart(x + whole, left);
      s0 = Simd.multiplyAdd(v, Simd.loadPart(a0 + whole, left), s0);
      s1 = Simd.multiplyAdd(v, Simd.loadPart(a1 + whole, left), s1);
      s2 = Simd.multiplyAdd(v, Simd.loadPart(a2 + whole, left), s2);
      s3 = Simd.multiplyAdd(v, Simd.loadPart(a3 + whole, left), s3);
      s4 = Simd.multiplyAdd(v, Simd.loadPart(a4 + whole, left), s4);
      s5 = Simd.multiplyAdd(v, Simd.loadPart(a5 + whole, left), s5);
      s6 = Simd.multiplyAdd(v, Simd.loadPart(a6 + whole, left), s6);
      s7 = Simd.multiplyAdd(v, Simd.loadPart(a7 + whole, left), s7);
    }
    storeRows(out, bias, r, min(4, count), Sums.of4(s0, s1, s2, s3), accumulate);
    if (count > 4) storeRows(out, bias, r + 4, count - 4, Sums.of4(s4, s5, s6, s7), accumulate);
  }
}

function storeRows(out: usize, bias: usize, row: i32, count: i32, sums: v128, accumulate: bool): void {
  const at = (<usize>row) << 2;
  if (bias) sums = f32x4.add(sums, Simd.loadPart(bias + at, count));
  if (accumulate) sums = f32x4.add(sums, Simd.loadPart(out + at, count));
  Simd.storePart(out + at, sums, count);
}

/** out [K] += Wᵀ · d. */
export function vectorProductTransposed(rows: i32, columns: i32, weights: usize, d: usize, out: usize): void {
  const bytes = (<usize>columns) << 2;
  let j: usize = 0;
  for (; j + 128 <= bytes; j += 128) columns32(rows, bytes, weights + j, d, out + j);
  for (; j < bytes; j += 16)
    columns4(rows, bytes, weights + j, d, out + j, <i32>min<usize>(4, (bytes - j) >> 2));
}

function columns32(rows: i32, bytes: usize, a: usize, d: usize, out: usize): void {
  let s0 = v128.load(out);
  let s1 = v128.load(out, 16);
  let s2 = v128.load(out, 32);
  let s3 = v128.load(out, 48);
  let s4 = v128.load(out, 64);
  let s5 = v128.load(out, 80);
  let s6 = v128.load(out, 96);
  let s7 = v128.load(out, 112);
  for (let r = rows; r > 0; r--) {
    const v = v128.load_splat<f32>(d);
    s0 = Simd.multiplyAdd(v, v128.load(a), s0);
    s1 = Simd.multiplyAdd(v, v128.load(a, 16), s1);
    s2 = Simd.multiplyAdd(v, v128.load(a, 32), s2);
    s3 = Simd.multiplyAdd(v, v128.load(a, 48), s3);
    s4 = Simd.multiplyAdd(v, v128.load(a, 64), s4);
    s5 = Simd.multiplyAdd(v, v128.load(a, 80), s5);
    s6 = Simd.multiplyAdd(v, v128.load(a, 96), s6);
    s7 = Simd.multiplyAdd(v, v128.load(a, 112), s7);
    a += bytes;
    d += 4;
  }
  v128.store(out, s0);
  v128.store(out, s1, 16);
  v128.store(out, s2, 32);
  v128.store(out, s3, 48);
  v128.store(out, s4, 64);
  v128.store(out, s5, 80);
  v128.store(out, s6, 96);
  v128.store(out, s7, 112);
}

function columns4(rows: i32, bytes: usize, a: usize, d: usize, out: usize, count: i32): void {
  let s = Simd.loadPart(out, count);
  for (let r = rows; r > 0; r--) {
    s = Simd.multiplyAdd(v128.load_splat<f32>(d), Simd.loadPart(a, count), s);
    a += bytes;
    d += 4;
  }
  Simd.storePart(out, s, count);
}

/** The same with sparse rows: out [M] = S · x + bias, or added to what is there; offsets in bytes of x. */
export function sparseVectorProduct(
  rows: i32,
  starts: usize,
  values: usize,
  offsets: usize,
  x: usize,
  out: usize,
  bias: usize,
  accumulate: bool,
): void {
  for (let r = 0; r < rows; r++) {
    const first = (<usize>load<i32>(starts)) << 2;
    const end = values + ((<usize>load<i32>(starts, 4)) << 2);
    let v = values + first;
    let o = offsets + first;
    let s0: f32 = bias ? load<f32>(bias + ((<usize>r) << 2)) : 0;
    if (accumulate) s0 += load<f32>(out);
    let s1: f32 = 0;
    let s2: f32 = 0;
    let s3: f32 = 0;
    for (; v + 16 <= end; v += 16, o += 16) {
      s0 += load<f32>(v) * load<f32>(x + load<u32>(o));
      s1 += load<f32>(v, 4) * load<f32>(x + load<u32>(o, 4));
      s2 += load<f32>(v, 8) * load<f32>(x + load<u32>(o, 8));
      s3 += load<f32>(v, 12) * load<f32>(x + load<u32>(o, 12));
    }
    for (; v < end; v += 4, o += 4) s0 += load<f32>(v) * load<f32>(x + load<u32>(o));
    store<f32>(out, s0 + s1 + (s2 + s3));
    starts += 4;
    out += 4;
  }
}
