import { byteSize, sizeOf } from '../../../model/parameter.ts';
import { putEdit } from '../../bytes/values.ts';
import type { Replacement } from '../../protobuf/splice.ts';
import type { OnnxParameter } from '../parameters.ts';
import type { OnnxTensor } from '../proto.ts';
import type { Source } from '../read/source.ts';
import { stretchOf, valueBytes } from '../values/bytes.ts';
import { rawField } from './rawField.ts';

/** What changes in a file: the model's own, or one beside it. */
export interface FileEdit {
  /** Name of a file beside the model; undefined for the model's own. */
  readonly location: string | undefined;
  readonly replacement: Replacement;
}

/** Whether something of a parameter is not as in the file. */
export function isChanged({ mask, trained }: OnnxParameter): boolean {
  return mask !== undefined || trained !== undefined;
}

/** All bytes of a tensor with the trained values and masks of its parameters; what these leave keeps its bytes. */
export async function editedBytes(
  source: Source,
  tensor: OnnxTensor,
  parameters: readonly OnnxParameter[],
): Promise<Uint8Array> {
  const bytes = await valueBytes(source, tensor);
  for (const parameter of parameters.filter(isChanged)) {
    const width = byteSize[parameter.dtype];
    const from = parameter.first * width;
    const own = bytes.subarray(from, from + sizeOf(parameter.shape) * width);
    const { mask, trained: values } = parameter;
    putEdit({ ...(values && { values }), ...(mask && { mask }) }, own, parameter);
  }
  return bytes;
}

/**
 * The edits that put trained values and masks into the file. Values that do not lie as bytes one after another, such as float16 in integers
 * of any length, become raw_data.
 */
export async function valueEdits(
  source: Source,
  tensor: OnnxTensor,
  parameters: readonly OnnxParameter[],
): Promise<FileEdit[]> {
  const bytes = () => editedBytes(source, tensor, parameters);
  const stretch = await stretchOf(source, tensor);
  if (stretch) {
    const { location, at, length } = stretch;
    return [{ location, replacement: { start: at, end: at + length, length, bytes } }];
  }
  const { place: inside, values } = tensor;
  if (values.kind !== 'typed') return [];
  const length = sizeOf(tensor.dims) * byteSize[parameters[0].dtype];
  const raw = rawField(length);
  return values.runs.map(({ field: start, end }, i) => {
    const written = i === 0 ? { length: raw.length, bytes: async () => raw.of(await bytes()) } : nothing;
    return { location: undefined, replacement: { start, end, inside, ...written } };
  });
}

const nothing = { length: 0, bytes: () => new Uint8Array(0) };
