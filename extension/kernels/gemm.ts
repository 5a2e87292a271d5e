import { LEFT, RIGHT } from './pack';
import { Simd } from './simd';

/*
 * The product of packed matrices, after Goto & van de Geijn, "Anatomy of high-performance matrix multiplication" (2008):
 * a tile of 4 × 8 results stays in registers while it passes along both panels. Each result is summed over k from the
 * first to the last, whatever the blocks, so that it does not depend on how rows and columns are divided.
 */

/** So much of k at a time: a left panel of 4 KiB and a right one of 8 KiB stay in the first cache. */
const DEPTH: i32 = 256;
/** So many columns at a time: right panels of 256 KiB stay in the second cache. */
const COLUMNS: i32 = 256;

/**
 * Rows [fromRow, toRow) of C [m, n] = A · B, or C += A · B.
 * @param fromRow a multiple of 4; the end need not be one
 * @param a left operand, packed from row 0: [⌈m/4⌉][k][4]
 * @param b right operand, packed: [⌈n/8⌉][k][8]
 * @param c row 0 of C
 * @param stride floats from row to row of C, at least n
 * @param accumulate whether to add to what is in C
 */
export function gemm(
  fromRow: i32,
  toRow: i32,
  n: i32,
  k: i32,
  a: usize,
  b: usize,
  c: usize,
  stride: i32,
  accumulate: bool,
): void {
  gemmColumns(fromRow, toRow, 0, n, n, k, a, b, c, stride, accumulate);
}

/** As gemm, of the columns [fromColumn, toColumn) only; fromColumn a multiple of 8, toColumn too or n. */
export function gemmColumns(
  fromRow: i32,
  toRow: i32,
  fromColumn: i32,
  toColumn: i32,
  n: i32,
  k: i32,
  a: usize,
  b: usize,
  c: usize,
  stride: i32,
  accumulate: bool,
): void {
  const line = (<usize>stride) << 2;
  const leftPanel = <usize>k * ((<usize>LEFT) << 2);
  const rightPanel = <usize>k * ((<usize>RIGHT) << 2);
  // Once at least, so that k = 0 gives zeros.
  for (let k0 = 0; k0 === 0 || k0 < k; k0 += DEPTH) {
    const depth = min(DEPTH, k - k0);
    const adds = accumulate || k0 > 0;
    for (let j0 = fromColumn; j0 < toColumn; j0 += COLUMNS) {
      const j1 = min(toColumn, j0 + COLUMNS);
      for (let i = fromRow; i < toRow; i += LEFT) {
        const left = a + <usize>(i / LEFT) * leftPanel + <usize>k0 * ((<usize>LEFT) << 2);
        const rows = toRow - i;
        for (let j = j0; j < j1; j += RIGHT) {
          const right = b + <usize>(j / RIGHT) * rightPanel + <usize>k0 * ((<usize>RIGHT) << 2);
          const target = c + <usize>i * line + ((<usize>j) << 2);
          if (rows >= LEFT && n - j >= RIGHT) tile(depth, left, right, target, line, adds);
          else edge(depth, left, right, target, line, adds, rows, n - j);
        }
      }
    }
  }
}

/** A whole tile. */
function tile(depth: i32, a: usize, b: usize, c: usize, line: usize, adds: bool): void {
  const c1 = c + line;
  const c2 = c1 + line;
  const c3 = c2 + line;
  let s00 = Simd.zero();
  let s01 = s00;
  let s10 = s00;
  let s11 = s00;
  let s20 = s00;
  let s21 = s00;
  let s30 = s00;
  let s31 = s00;
  if (adds) {
    s00 = v128.load(c);
    s01 = v128.load(c, 16);
    s10 = v128.load(c1);
    s11 = v128.load(c1, 16);
    s20 = v128.load(c2);
    s21 = v128.load(c2, 16);
    s30 = v128.load(c3);
    s31 = v128.load(c3, 16);
  }
  for (let k = depth; k > 0; k--) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let w = v128.load_splat<f32>(a);
    s00 = Simd.multiplyAdd(w, b0, s00);
    s01 = Simd.multiplyAdd(w, b1, s01);
    w = v128.load_splat<f32>(a, 4);
    s10 = Simd.multiplyAdd(w, b0, s10);
    s11 = Simd.multiplyAdd(w, b1, s11);
    w = v128.load_splat<f32>(a, 8);
    s20 = Simd.multiplyAdd(w, b0, s20);
    s21 = Simd.multiplyAdd(w, b1, s21);
    w = v128.load_splat<f32>(a, 12);
    s30 = Simd.multiplyAdd(w, b0, s30);
    s31 = Simd.multiplyAdd(w, b1, s31);
    a += 16;
    b += 32;
  }
  v128.store(c, s00);
  v128.store(c, s01, 16);
  v128.store(c1, s10);
  v128.store(c1, s11, 16);
  v128.store(c2, s20);
  v128.store(c2, s21, 16);
  v128.store(c3, s30);
  v128.store(c3, s31, 16);
}

/** A tile of which only some rows and columns are in C: row by row, in the order of a whole tile. */
function edge(
  depth: i32,
  a: usize,
  b: usize,
  c: usize,
  line: usize,
  adds: bool,
  rows: i32,
  columns: i32,
): void {
  const last = min(rows, LEFT);
  for (let r = 0; r < last; r++) {
    const target = c + <usize>r * line;
    let s0 = Simd.zero();
    let s1 = s0;
    if (adds) {
      s0 = Simd.loadPart(target, columns);
      s1 = Simd.loadPart(target + 16, columns - 4);
    }
    let x = a + ((<usize>r) << 2);
    let y = b;
    for (let k = depth; k > 0; k--) {
      const w = v128.load_splat<f32>(x);
      s0 = Simd.multiplyAdd(w, v128.load(y), s0);
      s1 = Simd.multiplyAdd(w, v128.load(y, 16), s1);
      x += 16;
      y += 32;
    }
    Simd.storePart(target, s0, columns);
    Simd.storePart(target + 16, s1, columns - 4);
  }
}
