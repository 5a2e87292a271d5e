import type { Penalty } from './penalty.ts';
import { roundTo } from './rounding.ts';

export type FloatType = 'float16' | 'bfloat16' | 'float32' | 'float64';
export type IntegerType = 'int8' | 'uint8' | 'int16' | 'uint16' | 'int32';
/** Element types a file may store weights in; integers stand for values by a quantisation. */
export type DType = FloatType | IntegerType;

/** Bytes of one value. */
export const byteSize: Record<DType, number> = {
  float16: 2,
  bfloat16: 2,
  float32: 4,
  float64: 8,
  int8: 1,
  uint8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
};

/** What integers stand for: (q − zeroPoint) · scale, so that 0 is among the values. */
export interface Quantization {
  /** One for all values, or one for each index along `axis`. */
  readonly scale: readonly number[];
  /** As many; integers of the parameter's type. */
  readonly zeroPoint: readonly number[];
  readonly axis?: number;
}

/** One weight tensor of a file. Values are fetched on demand; a mask belongs here, so that sharing nodes share it. */
export interface Parameter {
  /** Unique in the model, such as `lstm_1/kernel`. */
  readonly name: string;
  /** Row-major shape, as in the file. */
  readonly shape: readonly number[];
  /** The file's own type; `read` converts. */
  readonly dtype: DType;
  /** Of integers, and of no others. */
  readonly quantization?: Quantization;
  /** False where the file marks the layer as not trainable. */
  readonly trainable: boolean;
  /** What a regularizer of the file adds to the loss for it; of what is not trainable nothing counts. */
  readonly penalty?: Penalty;
  /** It stands in no array of the file but in its configuration, or is computed, so that nothing of it can be cut or written. */
  readonly inNoArray?: true;
  /** What it is computed from. */
  readonly madeOf?: readonly Parameter[];
  /** All values in row-major order; a fresh array at every call. */
  read(): Promise<Float32Array>;
  /** Fills `target` with the values from number `from` on; absent where only all of them can be read. */
  readPart?(from: number, target: Float32Array): Promise<void>;
  /** 1 keeps, 0 prunes; one byte a value, in the parameter's own order. */
  mask?: Uint8Array;
  /** Values that take the place of the file's, such as trained ones; in the parameter's own order. */
  trained?: Float32Array;
}

/** Number of values in a tensor of this shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}

/**
 * The values as a saved file gives them back: the trained ones, rounded to the file's type, where there are some; 0 where
 * the mask says so. A fresh array.
 */
export async function readMasked(parameter: Parameter): Promise<Float32Array> {
  const { mask, trained } = parameter;
  const values = trained ? roundTo(trained, parameter) : await parameter.read();
  return applyMask(values, mask);
}

/** Does something while parameters have the file's values: no masks, nothing trained. */
export async function asInFile<T>(parameters: Iterable<Parameter>, work: () => Promise<T>): Promise<T> {
  const changed = [...parameters].filter(({ mask, trained }) => mask || trained);
  const kept = changed.map(({ mask, trained }) => ({ ...(mask && { mask }), ...(trained && { trained }) }));
  try {
    for (const parameter of changed) {
      delete parameter.mask;
      delete parameter.trained;
    }
    return await work();
  } finally {
    for (const [i, parameter] of changed.entries()) Object.assign(parameter, kept[i]);
  }
}

/** Sets what is masked to 0, in place. A choice, not a product: 0 times NaN would be NaN. */
export function applyMask(values: Float32Array, mask: Uint8Array | undefined): Float32Array {
  if (mask) for (let i = 0; i < values.length; i++) if (mask[i] === 0) values[i] = 0;
  return values;
}
