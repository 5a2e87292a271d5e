import { band } from './sparseBand';
import { bandOfPairs } from './sparseBandOfPairs';

/*
 * out [M][W] of each panel = S1 · in1 + S2 · in2 + start, with S1 and S2 sparse by rows. Every kept value is one broadcast and W/4
 * multiply-adds into accumulators that hold a row of the output; `offsets` are where the value's row of the input begins in
 * its panel, in bytes. The order of the sums does not depend on W.
 */

/**
 * @param starts2 of a second product that is added, with `values2`, `offsets2` and `input2`; 0: none
 * @param bias added to each row; 0: none
 * @param adds whether to add to what is there
 */
export function sparseProduct(
  rows: i32,
  width: i32,
  panels: i32,
  starts: usize,
  values: usize,
  offsets: usize,
  input: usize,
  inputStride: usize,
  starts2: usize,
  values2: usize,
  offsets2: usize,
  input2: usize,
  input2Stride: usize,
  output: usize,
  outputStride: usize,
  bias: usize,
  adds: bool,
): void {
  const bytes: usize = (<usize>width) << 2;
  for (let p = 0; p < panels; p++) {
    const end = input + bytes;
    let x = input;
    let y = input2;
    let to = output;
    while (x < end) {
      const left = end - x;
      let done: usize = 128;
      if (left >= 128) {
        band<u64>(rows, starts, values, offsets, x, starts2, values2, offsets2, y, to, bytes, bias, adds);
      } else if (left >= 64) {
        done = 64;
        bandOfPairs<u32>(
          rows,
          starts,
          values,
          offsets,
          x,
          starts2,
          values2,
          offsets2,
          y,
          to,
          bytes,
          bias,
          adds,
        );
      } else if (left >= 32) {
        done = 32;
        bandOfPairs<u16>(
          rows,
          starts,
          values,
          offsets,
          x,
          starts2,
          values2,
          offsets2,
          y,
          to,
          bytes,
          bias,
          adds,
        );
      } else {
        done = 16;
        bandOfPairs<u8>(
          rows,
          starts,
          values,
          offsets,
          x,
          starts2,
          values2,
          offsets2,
          y,
          to,
          bytes,
          bias,
          adds,
        );
      }
      x += done;
      y += done;
      to += done;
    }
    input += inputStride;
    input2 += input2Stride;
    output += outputStride;
  }
}
