import { gemmColumns } from './gemm';
import { LEFT, packLeft, packLeftTransposed, packRight, packRightTransposed, RIGHT } from './pack';
import { Share } from './share';
import { barrier } from './threads';

/**
 * C [m, n] = A · B + bias, all row-major without gaps.
 * @param a A [m, k], or its transpose [k, m]
 * @param b B [k, n], or its transpose [n, k]
 * @param bias [n]; 0 = none
 * @param left room for the packed A
 * @param right room for the packed B
 */
export function matMul(
  m: i32,
  n: i32,
  k: i32,
  a: usize,
  transposeA: bool,
  b: usize,
  transposeB: bool,
  c: usize,
  bias: usize,
  left: usize,
  right: usize,
  thread: i32,
  threads: i32,
): void {
  const leftPanels = (m + LEFT - 1) / LEFT;
  const rightPanels = (n + RIGHT - 1) / RIGHT;
  const i0 = Share.from(leftPanels, 1, thread, threads);
  const i1 = Share.to(leftPanels, 1, thread, threads);
  const j0 = Share.from(rightPanels, 1, thread, threads);
  const j1 = Share.to(rightPanels, 1, thread, threads);
  if (transposeA) packLeftTransposed(a, m, m, k, left, i0, i1);
  else packLeft(a, k, m, k, left, i0, i1);
  if (transposeB) packRightTransposed(b, k, k, n, right, j0, j1);
  else packRight(b, n, k, n, right, j0, j1);
  barrier(threads);
  // Along the longer side, which divides more evenly.
  if (leftPanels * LEFT >= rightPanels * RIGHT) {
    const i = i0 * LEFT;
    const to = min(m, i1 * LEFT);
    if (bias) startFromBias(i, to, 0, n, n, bias, c);
    gemmColumns(i, to, 0, n, n, k, left, right, c, n, bias !== 0);
  } else {
    const j = j0 * RIGHT;
    const to = min(n, j1 * RIGHT);
    if (bias) startFromBias(0, m, j, to, n, bias, c);
    gemmColumns(0, m, j, to, n, k, left, right, c, n, bias !== 0);
  }
}

/** Puts the bias into the rows [i0, i1) and columns [j0, j1) of C [m, n]. */
function startFromBias(i0: i32, i1: i32, j0: i32, j1: i32, n: i32, bias: usize, c: usize): void {
  const bytes = (<usize>max(0, j1 - j0)) << 2;
  const from = bias + ((<usize>j0) << 2);
  for (let i = i0; i < i1; i++) memory.copy(c + ((<usize>i * n + j0) << 2), from, bytes);
}
