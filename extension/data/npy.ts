import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import type { Tensor } from '../model/tensor.ts';
import { UserError } from '../protocol/userError.ts';
import { ByteStream } from './byteStream.ts';
import { checkSize, damaged, sizeOfFile } from './files.ts';
import { type NpyHeader, readNpyHeader, valuesIn } from './npyHeader.ts';
import { decodeValues, numberType, toRowMajor } from './npyValues.ts';
import { formatIndex } from './shapes.ts';
import type { StoredArray } from './storedArray.ts';

/** Where an array's bytes come from. */
export interface NpySource {
  /** For messages. */
  readonly file: string;
  readonly name: string;
  /** Bytes of header and values. */
  readonly bytes: number;
  /** CRC-32 of them, where the container has one. */
  readonly crc?: number;
  open(): Promise<Readable>;
}

/** A .npy file; only its header is read. Throws fileNotFound, fileUnreadable, dataDamaged. */
export async function openNpy(file: string): Promise<StoredArray> {
  const bytes = await sizeOfFile(file);
  const source = { file, name: basename(file, '.npy'), bytes, open: async () => createReadStream(file) };
  const { shape } = await readSourceHeader(source);
  return { file, name: source.name, shape, read: (signal) => readSource(source, signal) };
}

/** Header alone. */
export function readSourceHeader(source: NpySource): Promise<NpyHeader> {
  return withStream(source, undefined, (stream) => headerOf(source, stream));
}

/** Values, as `StoredArray.read` promises them. */
export function readSource(source: NpySource, signal?: AbortSignal): Promise<Tensor> {
  return withStream(source, signal, (stream) => readValues(source, stream));
}

async function headerOf({ file, name }: NpySource, stream: ByteStream): Promise<NpyHeader> {
  const header = await readNpyHeader(stream);
  if (typeof header === 'string') throw damaged(file, header, { array: name });
  return header;
}

async function readValues(source: NpySource, stream: ByteStream): Promise<Tensor> {
  const { file, name } = source;
  const header = await headerOf(source, stream);
  const type = numberType(header.descr);
  if (!type) throw new UserError('arrayDtype', { file, array: name, dtype: header.descr });
  const count = valuesIn(header);
  const expected = count * type.size;
  const found = source.bytes - header.bytes;
  // Before anything is allocated: a header may claim any shape.
  if (expected !== found) throw damaged(file, 'reasonArrayBytes', { array: name, expected, found });
  checkSize(file, name, Math.max(expected, count * Float32Array.BYTES_PER_ELEMENT));
  const bytes = new Uint8Array(expected);
  const filled = await stream.fill(bytes);
  if (filled < expected || !(await stream.atEnd())) {
    throw damaged(file, 'reasonArrayBytes', { array: name, expected, found: filled });
  }
  if (source.crc !== undefined && stream.crc !== source.crc) {
    throw damaged(file, 'reasonChecksum', { array: name });
  }
  const values = decodeValues(bytes, type);
  if (!('length' in values)) {
    const index = header.fortranOrder ? String(values.index) : formatIndex(values.index, header.shape);
    const range = { low: -(2 ** 31), high: 2 ** 31 - 1 };
    throw new UserError('arrayRange', { file, array: name, value: String(values.value), index, ...range });
  }
  return { shape: header.shape, data: header.fortranOrder ? toRowMajor(values, header.shape) : values };
}

async function withStream<T>(
  source: NpySource,
  signal: AbortSignal | undefined,
  use: (stream: ByteStream) => Promise<T>,
): Promise<T> {
  let stream: ByteStream | undefined;
  try {
    stream = new ByteStream(await source.open(), signal);
    return await use(stream);
  } catch (error) {
    if (error instanceof UserError) throw error;
    const detail = error instanceof Error ? error.message : String(error);
    throw damaged(source.file, 'reasonArrayContent', { array: source.name, detail });
  } finally {
    await stream?.close();
  }
}
