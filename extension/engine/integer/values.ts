/** Values of a tensor in row-major order, as the integer operators take and give them. */
export interface Values {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}
