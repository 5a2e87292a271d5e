import type { FileHandle } from 'node:fs/promises';

/** Signature, version 1 and three reserved bytes of a collection (HDF5 file format specification, III.E). */
export const heapStart = Buffer.from('GCOL\x01\0\0\0', 'latin1');
const objectHeader = 16;
/** Collections are a page, or as large as their one object. */
const largestCollection = 2 ** 30;

/**
 * Whether the collection of the global heap at `at` (texts of attributes are in such) has objects that do not follow one another to its
 * end. The HDF5 library loops for ever at free space of no size, and cuts sizes to 32 bits.
 */
export async function isBrokenHeapAt(file: FileHandle, at: number, fileSize: number): Promise<boolean> {
  const head = Buffer.alloc(objectHeader);
  await file.read(head, 0, head.length, at);
  const size = Number(head.readBigUInt64LE(8));
  if (size > fileSize - at) return true;
  if (size > largestCollection) return false;
  const collection = Buffer.alloc(size);
  await file.read(collection, 0, size, at);
  return isBroken(collection);
}

/** Object index 0 is free space, whose size counts its own header; the others' does not and is padded to 8 bytes. */
function isBroken(collection: Buffer): boolean {
  for (let at = objectHeader; at + objectHeader <= collection.length; ) {
    const size = Number(collection.readBigUInt64LE(at + 8));
    const used = collection.readUInt16LE(at) === 0 ? size : objectHeader + Math.ceil(size / 8) * 8;
    if (used === 0 || used > collection.length - at) return true;
    at += used;
  }
  return false;
}
