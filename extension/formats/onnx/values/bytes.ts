import { UserError } from '../../../protocol/userError.ts';
import type { FileBytes } from '../../bytes/fileBytes.ts';
import { ExternalFiles } from '../externalFiles.ts';
import type { OnnxTensor } from '../proto.ts';
import type { Source } from '../read/source.ts';
import { computedValues } from './computed.ts';
import { countOf } from './count.ts';
import { elementType, typeName } from './elementType.ts';
import { contiguousRun, typedBytes } from './typed.ts';

/** Where values lie one after another, little-endian, as in raw_data. */
export interface Stretch {
  readonly file: FileBytes;
  /** Name of a file beside the model; undefined for the model's own. */
  readonly location?: string;
  readonly at: number;
  readonly length: number;
}

/** The stretch of a tensor's values, checked against its size; undefined where they are written as fields of their own. */
export async function stretchOf(source: Source, tensor: OnnxTensor): Promise<Stretch | undefined> {
  const { values } = tensor;
  const expected = bytesNeeded(source, tensor);
  const checked = (found: Stretch) => {
    if (found.length === expected && found.at + found.length <= found.file.size) return found;
    const args = {
      array: tensor.name,
      expected,
      found: Math.max(0, Math.min(found.length, found.file.size - found.at)),
    };
    throw new UserError('fileDamaged', { file: source.shownAs }, { code: 'reasonArrayBytes', args });
  };
  const own = source.reader.file;
  if (values.kind === 'raw')
    return checked({ file: own, at: values.start, length: values.end - values.start });
  if (values.kind === 'external') {
    const { location, offset } = values;
    const file = await source.external.open(location);
    return checked({
      file,
      location: ExternalFiles.normal(location),
      at: offset,
      length: values.length ?? file.size - offset,
    });
  }
  const run = values.kind === 'typed' ? contiguousRun(values) : undefined;
  return run && checked({ file: own, at: run.start, length: run.end - run.start });
}

/** Whether a tensor's values lie in a stretch of a file. */
export function liesPlainly({ values }: OnnxTensor): boolean {
  return values.kind === 'raw' || values.kind === 'external';
}

/** Fills `bytes` with the values of such a tensor from its byte `at` on. */
export async function readValueBytes(
  source: Source,
  tensor: OnnxTensor,
  at: number,
  bytes: Uint8Array,
): Promise<void> {
  const stretch = await stretchOf(source, tensor);
  if (!stretch) throw source.reader.damaged();
  await stretch.file.readInto(bytes, stretch.at + at);
}

/** All values of a tensor, or so many from the first one that is asked for, as they would stand in raw_data. */
export async function valueBytes(
  source: Source,
  tensor: OnnxTensor,
  { first, count }: { first: number; count: number } = { first: 0, count: countOf(tensor.dims) ?? 0 },
): Promise<Uint8Array> {
  const width = widthOf(source, tensor);
  const stretch = await stretchOf(source, tensor);
  if (stretch) return stretch.file.read(stretch.at + first * width, count * width);
  const { values } = tensor;
  const total = bytesNeeded(source, tensor) / width;
  if (values.kind === 'computed') {
    const { buffer } = await computedValues(source, values);
    return new Uint8Array(buffer).subarray(first * width, (first + count) * width);
  }
  if (values.kind === 'typed') {
    const bytes = await typedBytes(source.reader, tensor, values, total);
    return bytes.subarray(first * width, (first + count) * width);
  }
  if (total === 0) return new Uint8Array(0);
  throw source.reader.damaged();
}

function bytesNeeded(source: Source, tensor: OnnxTensor): number {
  return (countOf(tensor.dims) ?? Number.NaN) * widthOf(source, tensor);
}

function widthOf({ shownAs }: Source, { name, dataType }: OnnxTensor): number {
  const type = elementType(dataType);
  if (type) return type.width;
  throw new UserError('dtypeUnsupported', { file: shownAs, parameter: name, dtype: typeName(dataType) });
}
