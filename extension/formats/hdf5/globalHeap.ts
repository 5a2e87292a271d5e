import { type FileHandle, open } from 'node:fs/promises';

/** Signature, version 1 and three reserved bytes of a collection (HDF5 file format specification, III.E). */
const start = Buffer.from('GCOL\x01\0\0\0', 'latin1');
/** Node finds so few bytes many times faster than eight: it goes by the first of them alone, not by tables of the last. */
const sought = start.subarray(0, 5);
const blockSize = 4 * 2 ** 20;
const objectHeader = 16;
/** Collections are a page, or as large as their one object. */
const largestCollection = 2 ** 30;

/** Files that were looked at and have not changed since, so that opening one again reads nothing. */
const sound = new Set<string>();
const mostRemembered = 10_000;

/**
 * Whether a file holds a collection of the global heap (where texts of attributes are) whose objects do not follow one
 * another to its end. The HDF5 library loops for ever at free space of no size, and cuts sizes to 32 bits.
 */
export async function hasBrokenHeap(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const { size: fileSize, mtimeMs } = await file.stat();
    const stamp = `${path} ${fileSize} ${mtimeMs}`;
    if (sound.has(stamp)) return false;
    if (await findBroken(file, fileSize)) return true;
    if (sound.size >= mostRemembered) sound.clear();
    sound.add(stamp);
    return false;
  } finally {
    await file.close();
  }
}

async function findBroken(file: FileHandle, fileSize: number): Promise<boolean> {
  // What begins at the end of one block is whole in it, too.
  const block = Buffer.allocUnsafe(Math.min(blockSize, fileSize) + start.length - 1);
  for (let from = 0; ; from += blockSize) {
    const { bytesRead } = await file.read(block, 0, block.length, from);
    const found = block.subarray(0, bytesRead);
    for (let at = found.indexOf(sought); at !== -1; at = found.indexOf(sought, at + 1)) {
      if (!found.subarray(at, at + start.length).equals(start)) continue;
      if (await isBrokenAt(file, from + at, fileSize)) return true;
    }
    if (bytesRead < block.length) return false;
  }
}

async function isBrokenAt(file: FileHandle, at: number, fileSize: number): Promise<boolean> {
  const head = Buffer.alloc(objectHeader);
  await file.read(head, 0, head.length, at);
  const size = Number(head.readBigUInt64LE(8));
  if (size > largestCollection) return false;
  if (size > fileSize - at) return true;
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
