import type { EntryLike } from './write.ts';
import { limit32, zip64Extra } from './zip64.ts';

/**
 * The local header of a STORED entry whose data begins at a multiple of `alignment`, as PyTorch's writer makes it (miniz and
 * caffe2/serialize/inline_container.cc): checksum and sizes follow the data, and an extra field "FB" fills up. PyTorch may compute where
 * storages lie instead of looking, so the layout is its own to the byte.
 * @param offset where the header begins
 */
export function alignedHeader(like: EntryLike, size: number, offset: number, alignment: number): Buffer {
  const name = like.fileNameRaw;
  const zip64 = is64(size, offset)
    ? zip64Extra([...(size >= limit32 ? [size, size] : []), ...(offset >= limit32 ? [offset] : [])])
    : Buffer.alloc(0);
  const fields = Buffer.alloc(30);
  fields.writeUInt32LE(0x04034b50, 0);
  fields.writeUInt16LE((like.generalPurposeBitFlag & 0x0800) | 8, 6);
  fields.writeUInt16LE(like.lastModFileTime, 10);
  fields.writeUInt16LE(like.lastModFileDate, 12);
  fields.writeUInt16LE(name.length, 26);
  const unpadded = offset + fields.length + name.length + zip64.length + 4;
  const padding = Buffer.alloc(4 + ((alignment - (unpadded % alignment)) % alignment), 'Z');
  padding.write('FB', 0, 'latin1');
  padding.writeUInt16LE(padding.length - 4, 2);
  fields.writeUInt16LE(zip64.length + padding.length, 28);
  return Buffer.concat([fields, name, zip64, padding]);
}

/** What follows the data of an entry with such a header: nothing where that is empty. */
export function dataDescriptor(crc: number, size: number, offset: number): Buffer {
  if (size === 0) return Buffer.alloc(0);
  const large = is64(size, offset);
  const bytes = Buffer.alloc(large ? 24 : 16);
  bytes.writeUInt32LE(0x08074b50, 0);
  bytes.writeUInt32LE(crc, 4);
  if (large) {
    bytes.writeBigUInt64LE(BigInt(size), 8);
    bytes.writeBigUInt64LE(BigInt(size), 16);
  } else {
    bytes.writeUInt32LE(size, 8);
    bytes.writeUInt32LE(size, 12);
  }
  return bytes;
}

function is64(size: number, offset: number): boolean {
  return size >= limit32 || offset >= limit32;
}
