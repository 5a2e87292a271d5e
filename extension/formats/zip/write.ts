import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import type { Entry } from 'yauzl';
import { alignedHeader, dataDescriptor } from './aligned.ts';
import { limit32, zip64Extra } from './zip64.ts';

/** What of an entry says what it is like, apart from its bytes. */
export type EntryLike = Pick<
  Entry,
  | 'fileNameRaw'
  | 'generalPurposeBitFlag'
  | 'lastModFileTime'
  | 'lastModFileDate'
  | 'internalFileAttributes'
  | 'externalFileAttributes'
  | 'versionMadeBy'
>;

/** An entry to be written: the attributes of the original's, and its bytes, which are read twice. */
export interface StoredEntry {
  readonly like: EntryLike;
  bytes(): AsyncIterable<Buffer>;
}

/**
 * Writes a zip archive whose entries are all STORED, as Keras writes its `.keras` files (PKWARE APPNOTE 6.3.10,
 * sections 4.3.7 to 4.3.16). Names, times and attributes are the originals'. Streams; holds no entry in memory.
 * @param alignment where given, each entry's data begins at a multiple of so many bytes, as PyTorch lays its files out
 */
export async function writeStored(
  path: string,
  entries: readonly StoredEntry[],
  alignment?: number,
): Promise<void> {
  const file = await open(path, 'wx');
  try {
    const directory: Buffer[] = [];
    let offset = 0;
    for (const entry of entries) {
      const { crc, size } = await checksum(entry);
      const aligned = alignment !== undefined;
      const header = aligned
        ? alignedHeader(entry.like, size, offset, alignment)
        : localHeader(entry.like, crc, size);
      const descriptor = aligned ? dataDescriptor(crc, size, offset) : Buffer.alloc(0);
      directory.push(centralHeader(entry.like, crc, size, offset, aligned));
      await write(file, header);
      for await (const chunk of entry.bytes()) await write(file, chunk);
      await write(file, descriptor);
      offset += header.length + size + descriptor.length;
    }
    const central = Buffer.concat(directory);
    await write(file, central);
    await write(file, endOfDirectory(entries.length, central.length, offset));
  } finally {
    await file.close();
  }
}

/** Writes all of it: one call may take only a part. */
async function write(file: FileHandle, bytes: Buffer): Promise<void> {
  await file.appendFile(bytes);
}

async function checksum(entry: StoredEntry): Promise<{ crc: number; size: number }> {
  let crc = 0;
  let size = 0;
  for await (const chunk of entry.bytes()) {
    crc = crc32(chunk, crc);
    size += chunk.length;
  }
  return { crc, size };
}

/** Fields that the local header and the central directory share, from "version needed" to "extra length". */
function commonFields(
  like: EntryLike,
  crc: number,
  size: number,
  name: Buffer,
  extra: Buffer,
  hasDescriptor = false,
): Buffer {
  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(extra.length > 0 ? 45 : 20, 0);
  // Bit 11: the name is UTF-8. Bit 3: checksum and sizes stand behind the data.
  fields.writeUInt16LE((like.generalPurposeBitFlag & 0x0800) | (hasDescriptor ? 8 : 0), 2);
  fields.writeUInt16LE(0, 4);
  fields.writeUInt16LE(like.lastModFileTime, 6);
  fields.writeUInt16LE(like.lastModFileDate, 8);
  fields.writeUInt32LE(crc, 10);
  fields.writeUInt32LE(Math.min(size, limit32), 14);
  fields.writeUInt32LE(Math.min(size, limit32), 18);
  fields.writeUInt16LE(name.length, 22);
  fields.writeUInt16LE(extra.length, 24);
  return fields;
}

export function localHeader(like: EntryLike, crc: number, size: number): Buffer {
  const name = like.fileNameRaw;
  const extra = size >= limit32 ? zip64Extra([size, size]) : Buffer.alloc(0);
  return Buffer.concat([uint32(0x04034b50), commonFields(like, crc, size, name, extra), name, extra]);
}

export function centralHeader(
  like: EntryLike,
  crc: number,
  size: number,
  offset: number,
  hasDescriptor = false,
): Buffer {
  const name = like.fileNameRaw;
  const large = size >= limit32;
  const extra =
    large || offset >= limit32
      ? zip64Extra([...(large ? [size, size] : []), ...(offset >= limit32 ? [offset] : [])])
      : Buffer.alloc(0);
  const tail = Buffer.alloc(14);
  tail.writeUInt16LE(like.internalFileAttributes, 4);
  tail.writeUInt32LE(like.externalFileAttributes, 6);
  tail.writeUInt32LE(Math.min(offset, limit32), 10);
  const madeBy = Buffer.alloc(2);
  madeBy.writeUInt16LE(like.versionMadeBy);
  return Buffer.concat([
    uint32(0x02014b50),
    madeBy,
    commonFields(like, crc, size, name, extra, hasDescriptor),
    tail,
    name,
    extra,
  ]);
}

export function endOfDirectory(count: number, size: number, offset: number): Buffer {
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(Math.min(count, 0xffff), 8);
  end.writeUInt16LE(Math.min(count, 0xffff), 10);
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(Math.min(offset, limit32), 16);
  if (offset < limit32 && count < 0xffff) return end;
  const record = Buffer.alloc(56);
  record.writeUInt32LE(0x06064b50, 0);
  record.writeBigUInt64LE(44n, 4);
  record.writeUInt16LE(45, 12);
  record.writeUInt16LE(45, 14);
  record.writeBigUInt64LE(BigInt(count), 24);
  record.writeBigUInt64LE(BigInt(count), 32);
  record.writeBigUInt64LE(BigInt(size), 40);
  record.writeBigUInt64LE(BigInt(offset), 48);
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x07064b50, 0);
  locator.writeBigUInt64LE(BigInt(offset + size), 8);
  locator.writeUInt32LE(1, 16);
  return Buffer.concat([record, locator, end]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
