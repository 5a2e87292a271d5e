import type { Parameter, Quantization } from '../../model/parameter.ts';
import { byteSize, sizeOf } from '../../model/parameter.ts';
import { UserError } from '../../protocol/userError.ts';
import { partReader } from '../bytes/partReader.ts';
import { ownValues } from '../bytes/readValues.ts';
import type { DequantizeInputs } from './fold/folded.ts';
import type { OnnxTensor } from './proto.ts';
import type { Source } from './read/source.ts';
import { liesPlainly, readValueBytes, valueBytes } from './values/bytes.ts';
import { elementType, typeName } from './values/elementType.ts';

/** A parameter of a file: a tensor, or one direction's half of one that holds both. */
export interface OnnxParameter extends Parameter {
  readonly tensor: OnnxTensor;
  /** Index of its first value among the tensor's. */
  readonly first: number;
}

/** One tensor is at most so many bytes: it is read at once. */
const largestTensor = 8 * 2 ** 30;

/** A whole tensor, or so much of its first axis as `part` says. */
export function onnxParameter(
  source: Source,
  name: string,
  tensor: OnnxTensor,
  { shape = tensor.dims, first = 0, quantization }: PartOfTensor = {},
): OnnxParameter {
  const dtype = elementType(tensor.dataType)?.dtype;
  if (!dtype)
    throw new UserError('dtypeUnsupported', {
      file: source.shownAs,
      parameter: tensor.name,
      dtype: typeName(tensor.dataType),
    });
  const count = sizeOf(shape);
  const needed = count * byteSize[dtype];
  if (needed > largestTensor)
    throw new UserError('tooLarge', {
      file: source.shownAs,
      what: tensor.name,
      needed,
      limit: largestTensor,
    });
  const stored = { shape, dtype, ...(quantization && { quantization }) };
  return {
    name,
    ...stored,
    tensor,
    first,
    // Numbers alone are constants of a computation: an epsilon, a temperature.
    trainable: count > 1 && !quantization,
    ...(liesPlainly(tensor) &&
      partReader(stored, (bytes, at) => readValueBytes(source, tensor, first * byteSize[dtype] + at, bytes))),
    read: async () => ownValues(await valueBytes(source, tensor, { first, count }), stored),
  };
}

export interface PartOfTensor {
  readonly shape?: readonly number[];
  readonly first?: number;
  readonly quantization?: Quantization;
}

/** The halves of a tensor that holds both directions along its first axis. */
export function halvesOf(
  source: Source,
  name: string,
  tensor: OnnxTensor,
  dequantizedBy?: DequantizeInputs,
): [forward: OnnxParameter, backward: OnnxParameter] {
  const shape = tensor.dims.slice(1);
  const half = (direction: 'forward' | 'backward', d: 0 | 1) =>
    onnxParameter(source, `${name}/${direction}`, tensor, {
      shape,
      first: d * sizeOf(shape),
      ...(dequantizedBy && { quantization: quantizationOfHalf(dequantizedBy, d) }),
    });
  return [half('forward', 0), half('backward', 1)];
}

/** Of integers in a whole tensor, whose first axis is 1 where the scales have another one, too. */
export function quantizationOf({ scale, zeroPoint, axes }: DequantizeInputs): Quantization {
  const axis = axes.at(-1);
  return { scale, zeroPoint, ...(axis !== undefined && { axis }) };
}

function quantizationOfHalf(by: DequantizeInputs, d: 0 | 1): Quantization {
  const { scale, zeroPoint, axis = 0 } = quantizationOf(by);
  const count = scale.length / 2;
  const own = (all: readonly number[]) => (by.axes[0] === 0 ? all.slice(d * count, (d + 1) * count) : all);
  return { scale: own(scale), zeroPoint: own(zeroPoint), ...(axis > 0 && { axis: axis - 1 }) };
}
