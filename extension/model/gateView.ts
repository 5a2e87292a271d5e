import { type Parameter, sizeOf } from './parameter.ts';

/**
 * Where one gate's matrix [rows, columns] lies inside a parameter: value (r, c) is at
 * `offset + r * rowStride + c * columnStride` of the row-major values. Row = hidden unit, column = one input feature
 * (or one hidden unit of the previous step). Strides are all that the layouts of the formats differ in: Keras'
 * [in, 4H] has rowStride 1 and columnStride 4H, PyTorch's and ONNX' [4H, in] rowStride in and columnStride 1.
 */
export interface GateView {
  readonly parameter: Parameter;
  readonly rows: number;
  readonly columns: number;
  readonly offset: number;
  readonly rowStride: number;
  readonly columnStride: number;
}

/** A whole tensor, a kernel [in, out], as a matrix: rows are what is computed. A vector has one column. */
export function wholeView(parameter: Parameter): GateView {
  const rows = parameter.shape.at(-1) ?? 1;
  const columns = rows === 0 ? 0 : sizeOf(parameter.shape) / rows;
  return { parameter, rows, columns, offset: 0, rowStride: 1, columnStride: rows };
}

/** A matrix that is kept [out, in]: rows are what is computed. */
export function transposedView(parameter: Parameter): GateView {
  const [rows, columns] = parameter.shape;
  return { parameter, rows, columns, offset: 0, rowStride: columns, columnStride: 1 };
}

/** The same values with rows and columns exchanged. */
export function turnedView({ rows, columns, rowStride, columnStride, ...view }: GateView): GateView {
  return { ...view, rows: columns, columns: rows, rowStride: columnStride, columnStride: rowStride };
}

/** Copies the gate out of the parameter's values, or its mask, into `target` at `at`, row-major [rows, columns]. */
export function gather<T extends Float32Array | Uint8Array>(
  view: GateView,
  values: T,
  target: T,
  at = 0,
): void {
  forEachRun(view, 'matrix', (inView, inMatrix, length, viewStep, matrixStep) => {
    for (let i = 0, from = inView, to = at + inMatrix; i < length; i++, from += viewStep, to += matrixStep) {
      target[to] = values[from];
    }
  });
}

/** The gate as an array of its own, row-major [rows, columns]. */
export function gathered(view: GateView, values: Float32Array): Float32Array {
  const matrix = new Float32Array(view.rows * view.columns);
  gather(view, values, matrix);
  return matrix;
}

/** The reverse of gather, for anything with one element a value: weights or masks. */
export function scatter<T extends Float32Array | Uint8Array>(
  view: GateView,
  source: T,
  target: T,
  at = 0,
): void {
  forEachRun(view, 'view', (inView, inMatrix, length, viewStep, matrixStep) => {
    for (let i = 0, to = inView, from = at + inMatrix; i < length; i++, to += viewStep, from += matrixStep) {
      target[to] = source[from];
    }
  });
}

/** Takes away from the parameter's mask what `keep`, [rows, columns] of 0 and 1, does not keep. */
export function scatterZeros(view: GateView, keep: Uint8Array, mask: Uint8Array): void {
  forEachRun(view, 'view', (inView, inMatrix, length, viewStep, matrixStep) => {
    for (let i = 0, to = inView, from = inMatrix; i < length; i++, to += viewStep, from += matrixStep) {
      mask[to] &= keep[from];
    }
  });
}

/**
 * Where a view lies along memory: runs of equal length, each a row or a column of the matrix, whichever has its values nearer to each
 * other.
 */
export interface Layout {
  readonly offset: number;
  readonly isByRow: boolean;
  readonly runs: number;
  /** Places from one run's first value to the next one's. */
  readonly stride: number;
  readonly length: number;
  readonly step: number;
}

export function layoutOf({ rows, columns, offset, rowStride, columnStride }: GateView): Layout {
  // Of one row or column the stride between them says nothing.
  const isByRow = columns > 1 && (rows === 1 || columnStride <= rowStride);
  return isByRow
    ? { offset, isByRow, runs: rows, stride: rowStride, length: columns, step: columnStride }
    : { offset, isByRow, runs: columns, stride: columnStride, length: rows, step: rowStride };
}

/** Visits the places of the gate's values among the parameter's, along memory, which for a large view is many times faster. */
export function forEachPlace(view: GateView, visit: (place: number) => void): void {
  const { offset, runs, stride, length, step } = layoutOf(view);
  for (let run = 0; run < runs; run++)
    for (let i = 0, at = offset + run * stride; i < length; i++, at += step) visit(at);
}

/** So many rows and columns are gone through at a time, so that what both arrays hold of them stays in the cache. */
const blockSide = 64;

/**
 * Goes through a view and the row-major matrix that it shows, block by block, in runs along the one that is named, where neighbours then
 * lie side by side.
 */
function forEachRun(
  { rows, columns, offset, rowStride, columnStride }: GateView,
  along: 'view' | 'matrix',
  visit: (inView: number, inMatrix: number, length: number, viewStep: number, matrixStep: number) => void,
): void {
  const down = { count: rows, inView: rowStride, inMatrix: columns };
  const across = { count: columns, inView: columnStride, inMatrix: 1 };
  const [outer, inner] = along === 'matrix' || columnStride <= rowStride ? [down, across] : [across, down];
  for (let a = 0; a < outer.count; a += blockSide) {
    const end = Math.min(a + blockSide, outer.count);
    for (let b = 0; b < inner.count; b += blockSide) {
      const length = Math.min(blockSide, inner.count - b);
      for (let run = a; run < end; run++) {
        const inView = offset + run * outer.inView + b * inner.inView;
        visit(inView, run * outer.inMatrix + b * inner.inMatrix, length, inner.inView, inner.inMatrix);
      }
    }
  }
}
