import { denseProduct } from './recurrentDense';
import { Matrix } from './recurrentTask';
import { sparseVectorProduct, vectorProduct, vectorProductTransposed } from './recurrentVector';
import { sparseProduct } from './sparseProduct';

/*
 * Products of a layer's matrices with panels, however each of them is kept. Inputs and outputs are the first of so many
 * panels, strides are from one panel to the next in bytes.
 */

/** out = m · input + bias, or added to what is there. */
export function multiply(
  m: Matrix,
  input: usize,
  inputStride: usize,
  width: i32,
  panels: i32,
  out: usize,
  outStride: usize,
  bias: usize,
  accumulate: bool,
): void {
  if (width === 1) {
    if (m.sparse) sparseVectorProduct(m.rows, m.starts, m.values, m.offsets, input, out, bias, accumulate);
    else vectorProduct(m.rows, m.columns, m.values, input, out, bias, accumulate);
  } else if (m.sparse) {
    sparseProduct(
      m.rows,
      width,
      panels,
      m.starts,
      m.values,
      m.offsets,
      input,
      inputStride,
      0,
      0,
      0,
      0,
      0,
      out,
      outStride,
      bias,
      accumulate,
    );
  } else {
    denseProduct(
      m.rows,
      width,
      panels,
      m.packed,
      m.columns,
      input,
      inputStride,
      0,
      0,
      0,
      0,
      out,
      outStride,
      bias,
      accumulate,
    );
  }
}

/** out = a · inputA + b · inputB + bias, in one pass where both are of one kind; b's rows may be fewer. */
export function multiplyBoth(
  a: Matrix,
  inputA: usize,
  strideA: usize,
  b: Matrix,
  inputB: usize,
  strideB: usize,
  width: i32,
  panels: i32,
  out: usize,
  outStride: usize,
  bias: usize,
): void {
  if (width === 1 || a.sparse !== b.sparse || a.rows !== b.rows) {
    multiply(a, inputA, strideA, width, panels, out, outStride, bias, false);
    multiply(b, inputB, strideB, width, panels, out, outStride, 0, true);
  } else if (a.sparse) {
    sparseProduct(
      a.rows,
      width,
      panels,
      a.starts,
      a.values,
      a.offsets,
      inputA,
      strideA,
      b.starts,
      b.values,
      b.offsets,
      inputB,
      strideB,
      out,
      outStride,
      bias,
      false,
    );
  } else {
    denseProduct(
      a.rows,
      width,
      panels,
      a.packed,
      a.columns,
      inputA,
      strideA,
      b.packed,
      b.columns,
      inputB,
      strideB,
      out,
      outStride,
      bias,
      false,
    );
  }
}

/** out = mᵀ · d, or added to what is there. */
export function multiplyTransposed(
  m: Matrix,
  d: usize,
  dStride: usize,
  width: i32,
  panels: i32,
  out: usize,
  outStride: usize,
  accumulate: bool,
): void {
  const rows = m.columns;
  if (m.sparse) {
    const startsTransposed = m.startsTransposed;
    const valuesTransposed = m.valuesTransposed;
    const offsetsTransposed = m.offsetsTransposed;
    if (width === 1)
      sparseVectorProduct(rows, startsTransposed, valuesTransposed, offsetsTransposed, d, out, 0, accumulate);
    else {
      sparseProduct(
        rows,
        width,
        panels,
        startsTransposed,
        valuesTransposed,
        offsetsTransposed,
        d,
        dStride,
        0,
        0,
        0,
        0,
        0,
        out,
        outStride,
        0,
        accumulate,
      );
    }
  } else if (width === 1) {
    if (!accumulate) memory.fill(out, 0, (<usize>rows) << 2);
    vectorProductTransposed(m.rows, rows, m.values, d, out);
  } else {
    denseProduct(
      rows,
      width,
      panels,
      m.packedTransposed,
      m.rows,
      d,
      dStride,
      0,
      0,
      0,
      0,
      out,
      outStride,
      0,
      accumulate,
    );
  }
}
