import type { Parameter } from './parameter.ts';

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

/** Copies the gate out of the parameter's values, or its mask, into `target` at `at`, row-major [rows, columns]. */
export function gather<T extends Float32Array | Uint8Array>(
  view: GateView,
  values: T,
  target: T,
  at = 0,
): void {
  const { rows, columns, offset, rowStride, columnStride } = view;
  for (let r = 0, to = at; r < rows; r++) {
    for (let c = 0, from = offset + r * rowStride; c < columns; c++, from += columnStride) {
      target[to++] = values[from];
    }
  }
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
  const { rows, columns, offset, rowStride, columnStride } = view;
  for (let r = 0, from = at; r < rows; r++) {
    for (let c = 0, to = offset + r * rowStride; c < columns; c++, to += columnStride) {
      target[to] = source[from++];
    }
  }
}

/** Writes 0 into the parameter's mask wherever `keep`, [rows, columns], is 0, and leaves the rest as it is. */
export function scatterZeros(view: GateView, keep: Uint8Array, mask: Uint8Array): void {
  const { rows, columns, offset, rowStride, columnStride } = view;
  for (let r = 0, from = 0; r < rows; r++) {
    for (let c = 0, to = offset + r * rowStride; c < columns; c++, to += columnStride) {
      if (keep[from++] === 0) mask[to] = 0;
    }
  }
}
