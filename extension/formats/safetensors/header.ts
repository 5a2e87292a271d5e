import { sizeOf } from '../../model/parameter.ts';
import { UserError } from '../../protocol/userError.ts';
import type { FileBytes } from '../bytes/fileBytes.ts';
import { damaged } from '../damaged.ts';
import { entryOf } from '../entryOf.ts';
import { isObject, isTexts } from '../json.ts';
import { jsonFault } from '../jsonFault.ts';
import { largestJson } from '../largestJson.ts';

/** As the library has it: what claims more is no file of the format. One of brackets would take gigabytes once parsed, so ours is lower. */
const largestOfFormat = 100_000_000;
/** Tensors begin at multiples of so many bytes: the header is padded with spaces. */
const alignment = 8;
const lengthBytes = 8;

/** Bits of one value, by the names of the format. */
const bitsOf: Readonly<Record<string, number>> = {
  F64: 64,
  F32: 32,
  F16: 16,
  BF16: 16,
  I64: 64,
  I32: 32,
  I16: 16,
  I8: 8,
  U64: 64,
  U32: 32,
  U16: 16,
  U8: 8,
  BOOL: 8,
  C64: 64,
  F8_E4M3: 8,
  F8_E5M2: 8,
  F8_E8M0: 8,
  F8_E4M3FNUZ: 8,
  F8_E5M2FNUZ: 8,
  F6_E2M3: 6,
  F6_E3M2: 6,
  F4: 4,
};

export interface TensorEntry {
  readonly name: string;
  /** By the format's name, `F32`. */
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Its first byte, and the one behind its last, counted from the end of the header. */
  readonly begin: number;
  readonly end: number;
}

/** What stands before the data: a length (u64), JSON of that many bytes, and spaces that fill it up. */
export interface Header {
  /** In the order of the data. */
  readonly entries: readonly TensorEntry[];
  /** `__metadata__`. */
  readonly metadata: Readonly<Record<string, string>> | undefined;
  /** Where the data begins in the file. */
  readonly dataAt: number;
}

/**
 * Reads and checks the header by the library's rules: tensors follow each other without gaps to the end of the file, each as long as its
 * type and shape say. Throws `UserError` fileDamaged, tooLarge, dtypeUnsupported.
 */
export async function readHeader(file: FileBytes, shownAs: string): Promise<Header> {
  const length = Number((await file.read(0, lengthBytes)).readBigUInt64LE());
  // Text or another format, whose first bytes are no length.
  if (length > Math.max(file.size, largestOfFormat))
    throw damaged(shownAs, { code: 'reasonNoSafetensors', args: {} });
  if (length > largestJson)
    throw new UserError('tooLarge', {
      file: shownAs,
      what: { code: 'partHeader', args: {} },
      needed: length,
      limit: largestJson,
    });
  const bytes = await file.read(lengthBytes, length);
  const { __metadata__: metadata, ...tensors } = parsed(bytes, shownAs);
  if (metadata !== undefined && !isTexts(metadata)) throw damaged(shownAs);
  const dataAt = lengthBytes + length;
  const entries = Object.entries(tensors)
    .map(([name, value]) => tensorEntry(name, value, shownAs))
    .sort((a, b) => a.begin - b.begin || a.end - b.end);
  let at = 0;
  for (const { begin, end } of entries) {
    if (begin !== at) throw damaged(shownAs);
    at = end;
  }
  if (dataAt + at > file.size) throw damaged(shownAs, { code: 'reasonTruncated', args: {} });
  if (dataAt + at !== file.size) throw damaged(shownAs);
  return { entries, metadata, dataAt };
}

/** The bytes of a header, as the library would write it. */
export function headerBytes({ entries, metadata }: Pick<Header, 'entries' | 'metadata'>): Buffer {
  // By hand: an object would have names that are numbers before all others.
  const members = entries.map(({ name, dtype, shape, begin, end }) => {
    const info = { dtype, shape, data_offsets: [begin, end] };
    return `${JSON.stringify(name)}:${JSON.stringify(info)}`;
  });
  if (metadata) members.unshift(`"__metadata__":${JSON.stringify(metadata)}`);
  const json = Buffer.from(`{${members.join(',')}}`);
  const length = Math.ceil(json.length / alignment) * alignment;
  const bytes = Buffer.alloc(lengthBytes + length, ' ');
  bytes.writeBigUInt64LE(BigInt(length));
  json.copy(bytes, lengthBytes);
  return bytes;
}

function parsed(bytes: Buffer, file: string): Record<string, unknown> {
  const text = textOf(bytes);
  if (text?.startsWith('{')) {
    const fault = jsonFault(text);
    if (fault) throw damaged(file, fault);
    const value = jsonOf(text);
    if (isObject(value)) return value;
  }
  throw damaged(file, { code: 'reasonNoSafetensors', args: {} });
}

function textOf(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function jsonOf(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function tensorEntry(name: string, value: unknown, file: string): TensorEntry {
  if (!isObject(value)) throw damaged(file);
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== 'string' || !isLengths(shape) || !isLengths(offsets) || offsets.length !== 2)
    throw damaged(file);
  const bits = entryOf(bitsOf, dtype);
  if (bits === undefined) throw new UserError('dtypeUnsupported', { file, parameter: name, dtype });
  const [begin, end] = offsets;
  const size = sizeOf(shape) * bits;
  if (!Number.isSafeInteger(size) || size !== (end - begin) * 8) throw damaged(file);
  return { name, dtype, shape, begin, end };
}

function isLengths(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);
}
