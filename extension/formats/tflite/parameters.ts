import type { DType, Quantization } from '../../model/parameter.ts';
import { byteSize, type Parameter, sizeOf } from '../../model/parameter.ts';
import { UserError } from '../../protocol/userError.ts';
import type { FileBytes } from '../bytes/fileBytes.ts';
import { type RawParameter, rawParameter } from '../bytes/rawParameter.ts';
import { damaged } from '../damaged.ts';
import { UniqueNames } from '../uniqueNames.ts';
import { type TfliteGraph, type TfliteTensor, tensorTypes } from './schema.ts';

const floats: Readonly<Record<number, DType>> = {
  [tensorTypes.float32]: 'float32',
  [tensorTypes.float16]: 'float16',
  [tensorTypes.float64]: 'float64',
};
const integers: Readonly<Record<number, DType>> = {
  [tensorTypes.int8]: 'int8',
  [tensorTypes.uint8]: 'uint8',
  [tensorTypes.int16]: 'int16',
  [tensorTypes.int32]: 'int32',
};

/** Weights of a file, and where it says that their buffer is theirs. */
export interface TfliteParameter extends RawParameter {
  readonly bufferPlaces: ReadonlySet<number>;
}

/**
 * Parameters by the place of their values, so that what several tensors share is one. Where they read it as different things, as zeros of
 * one length and another scale, each has its own.
 */
export class TfliteParameters {
  readonly #known = new Map<string, TfliteParameter & { readonly bufferPlaces: Set<number> }>();
  readonly #others = new Set<number>();
  readonly #names = new UniqueNames('#');
  #bytes = 0;
  readonly #file: FileBytes;
  readonly #path: string;

  constructor(file: FileBytes, path: string) {
    this.#file = file;
    this.#path = path;
  }

  /** All so far, in the order in which they were asked for. */
  all(): TfliteParameter[] {
    return [...this.#known.values()];
  }

  /** Where values lie that tensors read which are no weights, such as shapes. */
  others(): ReadonlySet<number> {
    return this.#others;
  }

  /** Takes note of a tensor that is no weights. */
  leave({ values }: TfliteTensor): void {
    if (values) this.#others.add(values.at);
  }

  /** A tensor as weights. Throws fileDamaged or dtypeUnsupported where it has no values of numbers. */
  of(tensor: TfliteTensor): Parameter {
    const { values, bufferAt, shape, name } = tensor;
    if (!values || bufferAt === undefined) throw this.#damaged();
    const type = typeOf(tensor);
    const key = JSON.stringify([values.at, shape, type]);
    const known = this.#known.get(key);
    if (known) {
      known.bufferPlaces.add(bufferAt);
      return known;
    }
    if (!type || tensor.isSparse) {
      const dtype = tensor.isSparse ? 'sparse' : `TensorType ${tensor.type}`;
      throw new UserError('dtypeUnsupported', { file: this.#path, parameter: name, dtype });
    }
    if (shape.some((n) => n < 0) || sizeOf(shape) * byteSize[type.dtype] !== values.length)
      throw this.#damaged();
    if (type.quantization && !fits(type.quantization, shape)) throw this.#damaged();
    this.#bytes += values.length;
    // The same bytes may be weights in more than one way, but few of them are.
    if (this.#bytes > 2 * this.#file.size) throw this.#damaged();
    const raw = rawParameter({
      name: this.#names.of(name),
      shape,
      ...type,
      trainable: true,
      file: this.#file,
      at: values.at,
    });
    const parameter = { ...raw, bufferPlaces: new Set([bufferAt]) };
    this.#known.set(key, parameter);
    return parameter;
  }

  #damaged(): UserError {
    return damaged(this.#path);
  }
}

/** The type of a tensor's values, with what its integers stand for; undefined where they are no weights. */
function typeOf({
  type,
  scale,
  zeroPoint,
  axis,
}: TfliteTensor): Pick<Parameter, 'dtype' | 'quantization'> | undefined {
  if (floats[type]) return { dtype: floats[type] };
  if (!integers[type] || scale.length === 0) return undefined;
  const zeros = scale.map((_, i) => zeroPoint[i] ?? 0);
  const quantization = { scale, zeroPoint: zeros, ...(scale.length > 1 && { axis }) };
  return { dtype: integers[type], quantization };
}

/** Whether there is one scale, or one for each index along an axis, and integers can be had by it. */
function fits({ scale, axis }: Quantization, shape: readonly number[]): boolean {
  const isNumber = scale.every((one) => Number.isFinite(one) && one > 0);
  return isNumber && (axis === undefined || shape[axis] === scale.length);
}

/** Whether a tensor can be weights: numbers of the file that are not shapes or indices. */
function isWeights(tensor: TfliteTensor): boolean {
  return tensor.values !== undefined && !tensor.isSparse && typeOf(tensor) !== undefined;
}

/** Makes parameters of all weights of the graphs, those of recurrent layers or not, and takes note of all other tensors. */
export function collectWeights(graphs: readonly TfliteGraph[], parameters: TfliteParameters): void {
  for (const { tensors } of graphs)
    for (const tensor of tensors) {
      if (isWeights(tensor)) parameters.of(tensor);
      else parameters.leave(tensor);
    }
}
