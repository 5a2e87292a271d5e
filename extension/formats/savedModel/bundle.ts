import type { DType } from '../../model/parameter.ts';
import { byteSize, sizeOf } from '../../model/parameter.ts';
import { UserError } from '../../protocol/userError.ts';
import { fieldOf, type WireReader, wires } from '../protobuf/reader.ts';
import { readTable, type TableEntry } from './sortedTable.ts';

/** An index of as many tensors as a table may have has less. */
const largestIndex = 64 * 2 ** 20;
/** Each is kept open. */
const mostShards = 512;

/** DataType of TensorFlow's types.proto: those that weights have. */
const dtypes: Readonly<Record<number, DType>> = { 1: 'float32', 2: 'float64', 14: 'bfloat16', 19: 'float16' };

/** One tensor of a checkpoint. */
export interface BundleTensor {
  readonly key: string;
  /** Absent of what is no number that can be a weight. */
  readonly dtype?: DType;
  readonly shape: readonly number[];
  readonly shard: number;
  /** Byte of the shard, and how many. */
  readonly offset: number;
  readonly length: number;
  /** Where the index has the checksum of its bytes. */
  readonly checksumAt: number;
  readonly entry: TableEntry;
}

/** A checkpoint of TensorFlow: an index, and the tensors' bytes in shards. */
export interface Bundle {
  readonly index: Buffer;
  readonly shards: number;
  readonly tensors: readonly BundleTensor[];
}

/**
 * Reads the index of a checkpoint (tensor_bundle.proto of TensorFlow 2.21).
 * @param reader of the index' file. Throws fileDamaged, tooLarge or variableSliced.
 */
export async function readBundle(reader: WireReader, shownAs: string): Promise<Bundle> {
  const { file } = reader;
  if (file.size > largestIndex)
    throw new UserError('tooLarge', {
      file: shownAs,
      what: file.path,
      needed: file.size,
      limit: largestIndex,
    });
  const index = await file.read(0, file.size);
  const [header, ...entries] = readTable(index, shownAs);
  if (header?.key !== '') throw reader.damaged();
  const head = await reader.fields(header);
  const shards = fieldOf(head, 1)?.value ?? 1;
  // BundleHeaderProto.Endianness
  if (fieldOf(head, 2)?.value === 1)
    throw new UserError('fileDamaged', { file: shownAs }, { code: 'reasonBigEndian', args: {} });
  if (!(shards >= 1)) throw reader.damaged();
  if (shards > mostShards) throw reader.damaged('reasonTooManyParts', { limit: mostShards });
  const tensors: BundleTensor[] = [];
  for (const entry of entries) {
    const tensor = await tensorOf(reader, entry, shownAs);
    if (!(tensor.shard >= 0 && tensor.shard < shards)) throw reader.damaged();
    tensors.push(tensor);
  }
  return { index, shards, tensors };
}

/** Throws variableSliced: a variable may lie there whole under another key, too, so that it would be pruned in one of two places. */
async function tensorOf(reader: WireReader, entry: TableEntry, shownAs: string): Promise<BundleTensor> {
  const fields = await reader.fields(entry);
  const numberOf = (number: number) => fieldOf(fields, number)?.value ?? 0;
  if (fieldOf(fields, 7)) throw new UserError('variableSliced', { file: shownAs, variable: entry.key });
  const shape: number[] = [];
  const shapeField = fieldOf(fields, 2);
  const dims = shapeField ? await reader.fields(shapeField) : [];
  for (const dim of dims) if (dim.number === 2) shape.push(fieldOf(await reader.fields(dim), 1)?.value ?? 0);
  const checksum = fieldOf(fields, 6);
  const dtype = dtypes[numberOf(1)];
  const [offset, length] = [numberOf(4), numberOf(5)];
  const hasChecksum = checksum?.wire === wires.fixed32 && checksum.count === 1;
  const isWhole =
    dtype !== undefined &&
    hasChecksum &&
    length > 0 &&
    shape.every((n) => n > 0) &&
    sizeOf(shape) * byteSize[dtype] === length;
  return {
    key: entry.key,
    ...(isWhole && { dtype }),
    shape,
    shard: numberOf(3),
    offset,
    length,
    checksumAt: checksum?.start ?? 0,
    entry,
  };
}
