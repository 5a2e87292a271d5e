import type { Parameter } from '../../model/parameter.ts';

/** Shape and type of an array of weights. */
export type ArrayInfo = Pick<Parameter, 'shape' | 'dtype' | 'quantization'>;

/** The arrays that hold the weights of a Keras model, by path: those of an HDF5 file, or of a TensorFlow.js model's shards. */
export interface WeightArrays {
  /** Undefined where there is none at this path. Throws `UserError` dtypeUnsupported where it does not hold weights. */
  dataset(path: string): ArrayInfo | undefined;
  /** False where an array holds no weights, but counts or text. */
  holdsWeights(path: string): boolean;
  /** All values, row-major. */
  read(path: string): Float32Array | Promise<Float32Array>;
  /** How some of them are read; nothing where only all can be. */
  partOf?(path: string): Pick<Parameter, 'readPart'>;
}
