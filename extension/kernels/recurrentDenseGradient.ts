import { Sums } from './recurrentSums';
import { Simd } from './simd';

/**
 * Up to 4 rows of a gradient [M, K] = d · xᵀ, or added to what is there, from runs of `bytes` bytes: d [4], x [K]. Tiles of 4 by 2
 * sums over the lanes' four, so that nothing has to be transposed.
 */
export function denseGradient(
  rows: i32,
  columns: i32,
  gradient: usize,
  d: usize,
  x: usize,
  bytes: usize,
  first: bool,
): void {
  // Rows beyond the last are the last one again.
  const d1 = rows > 1 ? d + bytes : d;
  const d2 = rows > 2 ? d1 + bytes : d1;
  const d3 = rows > 3 ? d2 + bytes : d2;
  const stride = (<usize>columns) << 2;
  for (let k = 0; k < columns; k += 2) {
    const x1 = k + 1 < columns ? x + bytes : x;
    let s00 = Simd.zero();
    let s01 = s00;
    let s10 = s00;
    let s11 = s00;
    let s20 = s00;
    let s21 = s00;
    let s30 = s00;
    let s31 = s00;
    for (let q: usize = 0; q < bytes; q += 16) {
      const a = v128.load(x + q);
      const b = v128.load(x1 + q);
      let v = v128.load(d + q);
      s00 = Simd.multiplyAdd(v, a, s00);
      s01 = Simd.multiplyAdd(v, b, s01);
      v = v128.load(d1 + q);
      s10 = Simd.multiplyAdd(v, a, s10);
      s11 = Simd.multiplyAdd(v, b, s11);
      v = v128.load(d2 + q);
      s20 = Simd.multiplyAdd(v, a, s20);
      s21 = Simd.multiplyAdd(v, b, s21);
      v = v128.load(d3 + q);
      s30 = Simd.multiplyAdd(v, a, s30);
      s31 = Simd.multiplyAdd(v, b, s31);
    }
    const at = gradient + ((<usize>k) << 2);
    column(at, stride, rows, Sums.of4(s00, s10, s20, s30), first);
    if (k + 1 < columns) column(at + 4, stride, rows, Sums.of4(s01, s11, s21, s31), first);
    x += 2 * bytes;
  }
}

/** One value of each row. */
function column(at: usize, stride: usize, rows: i32, v: v128, first: bool): void {
  put(at, f32x4.extract_lane(v, 0), first);
  if (rows > 1) put(at + stride, f32x4.extract_lane(v, 1), first);
  if (rows > 2) put(at + 2 * stride, f32x4.extract_lane(v, 2), first);
  if (rows > 3) put(at + 3 * stride, f32x4.extract_lane(v, 3), first);
}

function put(at: usize, value: f32, first: bool): void {
  store<f32>(at, first ? value : load<f32>(at) + value);
}
