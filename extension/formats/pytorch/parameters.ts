import type { FloatType, Parameter } from '../../model/parameter.ts';
import type { FileBytes } from '../bytes/fileBytes.ts';
import { partReader } from '../bytes/partReader.ts';
import { ownValues } from '../bytes/readValues.ts';
import { putEdit } from '../bytes/values.ts';
import { damaged } from '../damaged.ts';
import type { Named } from './namedTensors.ts';
import { gatherElements, scatterElements } from './strided.ts';
import { elementsOf, extentOf, isContiguous, type TorchTensor } from './tensor.ts';
import type { TorchFile } from './torchFile.ts';

/** A weight, and how its values lie in a storage. */
export interface TorchParameter extends Parameter {
  readonly tensor: TorchTensor;
  /** Byte of the file at which the tensor's first element lies. */
  readonly at: number;
  /** Of a weight that torch.nn.utils.prune holds: 1 and 0 by which it is multiplied before every use. */
  readonly masking?: TorchParameter;
}

/** A statistic of batch normalisation, which training does not change by gradients. */
const statistic = /(^|\.)running_(mean|var)$/;

/** A weight of the file; the storage is checked to hold it. Throws fileDamaged. */
export async function torchParameter(
  torch: TorchFile,
  { name, tensor, buffer }: Named,
  dtype: FloatType,
): Promise<TorchParameter> {
  const at = await placeOf(torch, tensor);
  const parameter = {
    name,
    dtype,
    shape: tensor.shape,
    trainable: tensor.trained ?? !(buffer || statistic.test(name)),
    tensor,
    at,
  };
  return {
    ...parameter,
    read: async () => {
      const span = await torch.file.read(at, spanBytes(tensor));
      return ownValues(isContiguous(tensor) ? span : packed(span, tensor), parameter);
    },
    ...(isContiguous(tensor) &&
      partReader(parameter, (bytes, from) => torch.file.readInto(bytes, at + from))),
  };
}

/** Byte of the file at which a tensor's first element lies; it is whole then. Throws fileDamaged. */
export async function placeOf(
  torch: Pick<TorchFile, 'path' | 'storage'>,
  tensor: TorchTensor,
): Promise<number> {
  const { at, bytes } = await torch.storage(tensor.storage);
  const from = tensor.offset * tensor.type.bytes;
  // Axes of length 0 and strides of 0 would let a few bytes claim to be any number of values.
  const whole = tensor.storageBytes <= bytes && from + spanBytes(tensor) <= tensor.storageBytes;
  if (!whole || elementsOf(tensor) * tensor.type.bytes > bytes) throw damaged(torch.path);
  return at + from;
}

/** Bytes from the first to the last element. */
function spanBytes(tensor: TorchTensor): number {
  return extentOf(tensor) * tensor.type.bytes;
}

/**
 * The bytes of a parameter as they are to be, where the file has them, and row-major: trained values, and 0 for masked ones.
 */
export async function editedSpan(
  file: FileBytes,
  parameter: TorchParameter,
): Promise<{ span: Buffer; rows: Buffer }> {
  const { tensor, at, mask, trained: values } = parameter;
  const { span, rows } = await readSpan(file, tensor, at);
  putEdit({ ...(values && { values }), ...(mask && { mask }) }, rows, parameter);
  if (rows !== span) scatterElements(rows, span, tensor, tensor.type.bytes);
  return { span, rows };
}

/** The bytes of a tensor as they lie from byte `at` on, and row-major: the same buffer where that is one. */
export async function readSpan(
  file: FileBytes,
  tensor: TorchTensor,
  at: number,
): Promise<{ span: Buffer; rows: Buffer }> {
  const span = await file.read(at, spanBytes(tensor));
  return { span, rows: isContiguous(tensor) ? span : packed(span, tensor) };
}

function packed(span: Buffer, tensor: TorchTensor): Buffer {
  return gatherElements(span, tensor, tensor.type.bytes);
}
