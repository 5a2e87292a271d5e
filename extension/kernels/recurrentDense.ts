import { tallTile, tile } from './recurrentDenseTile';

/*
 * out [M][W] of each panel = W1 · in1 + W2 · in2 + start, weights packed [M/4][K][4].
 */

/**
 * @param weights2 of a second product that is added, with `input2`; no columns: none
 * @param bias added to each row, filled up to whole tiles; 0: none
 * @param accumulate adds to what is there
 */
export function denseProduct(
  rows: i32,
  width: i32,
  panels: i32,
  weights: usize,
  columns: i32,
  input: usize,
  inputStride: usize,
  weights2: usize,
  columns2: i32,
  input2: usize,
  input2Stride: usize,
  output: usize,
  outputStride: usize,
  bias: usize,
  accumulate: bool,
): void {
  const bytes: usize = (<usize>width) << 2;
  for (let i = 0; i < rows; i += 4) {
    const a = weights + ((<usize>i * <usize>columns) << 2);
    const a2 = weights2 + ((<usize>i * <usize>columns2) << 2);
    const left = rows - i;
    const start = bias ? bias + ((<usize>i) << 2) : 0;
    let b = input;
    let b2 = input2;
    let c = output + <usize>i * bytes;
    for (let p = 0; p < panels; p++) {
      let j: usize = 0;
      for (; j + 32 <= bytes; j += 32) {
        tile<u16>(a, b + j, columns, a2, b2 + j, columns2, bytes, c + j, left, start, accumulate);
      }
      b += inputStride;
      b2 += input2Stride;
      c += outputStride;
    }
  }
  if (width & 4) {
    const j = bytes - 16;
    lastFour(
      rows,
      bytes,
      panels,
      weights,
      columns,
      input + j,
      inputStride,
      weights2,
      columns2,
      input2 + j,
      input2Stride,
      output + j,
      outputStride,
      bias,
      accumulate,
    );
  }
}

/** The last four samples of every panel: tiles of 8 rows, so that there are 8 accumulators too. */
function lastFour(
  rows: i32,
  bytes: usize,
  panels: i32,
  weights: usize,
  columns: i32,
  input: usize,
  inputStride: usize,
  weights2: usize,
  columns2: i32,
  input2: usize,
  input2Stride: usize,
  output: usize,
  outputStride: usize,
  bias: usize,
  accumulate: bool,
): void {
  const step = (<usize>columns) << 4;
  const step2 = (<usize>columns2) << 4;
  for (let p = 0; p < panels; p++) {
    let a = weights;
    let a2 = weights2;
    let c = output;
    let left = rows;
    let start = bias;
    for (; left >= 8; left -= 8) {
      tallTile(a, a + step, input, columns, a2, a2 + step2, input2, columns2, bytes, c, start, accumulate);
      a += 2 * step;
      a2 += 2 * step2;
      c += 8 * bytes;
      if (bias) start += 32;
    }
    for (; left > 0; left -= 4) {
      tile<u8>(a, input, columns, a2, input2, columns2, bytes, c, left, start, accumulate);
      a += step;
      a2 += step2;
      c += 4 * bytes;
      if (bias) start += 16;
    }
    input += inputStride;
    input2 += input2Stride;
    output += outputStride;
  }
}
