/** A row-major array with its shape; integers where ids or class indices are meant. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array;
}
