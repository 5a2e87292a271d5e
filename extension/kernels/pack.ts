import { Simd } from './simd';

/*
 * Packing for gemm.ts. A matrix of `wide` vectors of length `depth` becomes panels of P vectors each,
 * [⌈wide/P⌉][depth][P], so that the product reads both operands from front to back. What is missing in the last panel
 * is 0. A thread packs the panels [from, to).
 */

/** Vectors in a panel of the left operand: rows of the product. */
export const LEFT: i32 = 4;
/** Vectors in a panel of the right operand: columns of the product. */
export const RIGHT: i32 = 8;

/** Transposes a block of 4 × 4 floats. */
class Block {
  /** Rows from `p`, `stride` bytes apart; columns to `o`, `step` bytes apart. */
  @inline
  static transpose(p: usize, stride: usize, o: usize, step: usize): void {
    const r0 = v128.load(p);
    const r1 = v128.load(p + stride);
    const r2 = v128.load(p + 2 * stride);
    const r3 = v128.load(p + 3 * stride);
    const a = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
    const b = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
    const c = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
    const d = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
    v128.store(o, v128.shuffle<i64>(a, b, 0, 2));
    v128.store(o + step, v128.shuffle<i64>(a, b, 1, 3));
    v128.store(o + 2 * step, v128.shuffle<i64>(c, d, 0, 2));
    v128.store(o + 3 * step, v128.shuffle<i64>(c, d, 1, 3));
  }
}

/** Source [depth, wide], `stride` floats from row to row: a left operand given transposed, or a right one as it is. */
function packAlong(
  source: usize,
  stride: i32,
  wide: i32,
  depth: i32,
  target: usize,
  width: i32,
  from: i32,
  to: i32,
): void {
  const line = (<usize>stride) << 2;
  const bytes = (<usize>width) << 2;
  for (let panel = from; panel < to; panel++) {
    const first = panel * width;
    let p = source + ((<usize>first) << 2);
    let o = target + <usize>panel * <usize>depth * bytes;
    const left = wide - first;
    if (left >= width) {
      for (let k = depth; k > 0; k--) {
        for (let at: usize = 0; at < bytes; at += 16) v128.store(o + at, v128.load(p + at));
        p += line;
        o += bytes;
      }
    } else {
      for (let k = depth; k > 0; k--) {
        for (let w = 0; w < width; w += 4) {
          const at = (<usize>w) << 2;
          v128.store(o + at, Simd.loadPart(p + at, left - w));
        }
        p += line;
        o += bytes;
      }
    }
  }
}

/** Source [wide, depth], `stride` floats from row to row: a left operand as it is, or a right one given transposed. */
function packAcross(
  source: usize,
  stride: i32,
  wide: i32,
  depth: i32,
  target: usize,
  width: i32,
  from: i32,
  to: i32,
): void {
  const line = (<usize>stride) << 2;
  const bytes = (<usize>width) << 2;
  for (let panel = from; panel < to; panel++) {
    const o = target + <usize>panel * <usize>depth * bytes;
    for (let w = 0; w < width; w += 4) {
      const first = panel * width + w;
      const p = source + <usize>first * line;
      const q = o + ((<usize>w) << 2);
      const rows = min(wide - first, 4);
      let k = 0;
      if (rows === 4) {
        for (; k + 4 <= depth; k += 4) {
          Block.transpose(p + ((<usize>k) << 2), line, q + <usize>k * bytes, bytes);
        }
      }
      for (; k < depth; k++) {
        const from = p + ((<usize>k) << 2);
        const to = q + <usize>k * bytes;
        for (let r = 0; r < 4; r++) {
          store<f32>(to + ((<usize>r) << 2), r < rows ? load<f32>(from + <usize>r * line) : 0);
        }
      }
    }
  }
}

/** Left operand from [m, k] rows `stride` floats apart. */
export function packLeft(a: usize, stride: i32, m: i32, k: i32, target: usize, from: i32, to: i32): void {
  packAcross(a, stride, m, k, target, LEFT, from, to);
}

/** Left operand from its transpose [k, m]. */
export function packLeftTransposed(
  a: usize,
  stride: i32,
  m: i32,
  k: i32,
  target: usize,
  from: i32,
  to: i32,
): void {
  packAlong(a, stride, m, k, target, LEFT, from, to);
}

/** Right operand from [k, n] rows `stride` floats apart. */
export function packRight(b: usize, stride: i32, k: i32, n: i32, target: usize, from: i32, to: i32): void {
  packAlong(b, stride, n, k, target, RIGHT, from, to);
}

/** Right operand from its transpose [n, k]. */
export function packRightTransposed(
  b: usize,
  stride: i32,
  k: i32,
  n: i32,
  target: usize,
  from: i32,
  to: i32,
): void {
  packAcross(b, stride, n, k, target, RIGHT, from, to);
}
