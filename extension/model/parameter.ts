/** Element types a file may store weights in. */
export type DType = 'float16' | 'bfloat16' | 'float32' | 'float64';

/** One weight tensor of a file. Values are fetched on demand; a mask belongs here, so that sharing nodes share it. */
export interface Parameter {
  /** Unique in the model, such as `lstm_1/kernel`. */
  readonly name: string;
  /** Row-major shape, as in the file. */
  readonly shape: readonly number[];
  /** The file's own type; `read` converts. */
  readonly dtype: DType;
  /** False where the file marks the layer as not trainable. */
  readonly trainable: boolean;
  /** All values in row-major order; a fresh array at every call. */
  read(): Promise<Float32Array>;
  /** 1 keeps, 0 prunes; one byte a value, in the parameter's own order. */
  mask?: Uint8Array;
}

/** Number of values in a tensor of this shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}

/** The values as they are with the mask applied: 0 where it says so. */
export async function readMasked(parameter: Parameter): Promise<Float32Array> {
  const values = await parameter.read();
  const { mask } = parameter;
  if (mask) for (let i = 0; i < values.length; i++) if (mask[i] === 0) values[i] = 0;
  return values;
}
