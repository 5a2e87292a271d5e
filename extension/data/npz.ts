import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { unreadable } from '../protocol/unreadable.ts';
import { UserError } from '../protocol/userError.ts';
import { checkSize, damaged, sizeOfFile } from './files.ts';
import { readSource, readSourceHeader } from './npy.ts';
import type { StoredArray } from './storedArray.ts';

/** Deflate cannot do better than this (zlib technical details), so an entry that claims more is lying. */
const bestRatio = 1032;

/**
 * The arrays of a .npz (a zip archive of .npy) by name; only the headers are read, and the file is closed again. Throws
 * fileNotFound, fileUnreadable, dataDamaged, tooLarge.
 */
export async function openNpz(file: string): Promise<ReadonlyMap<string, StoredArray>> {
  await sizeOfFile(file);
  const zip = await openZip(file);
  try {
    const arrays = new Map<string, StoredArray>();
    for (const entry of await entriesOf(zip, file)) {
      if (!entry.fileName.endsWith('.npy')) continue;
      const array = await openEntry(file, entry, zip);
      arrays.set(array.name, array);
    }
    if (arrays.size === 0) throw damaged(file, 'reasonNoArrays');
    return arrays;
  } finally {
    zip.close();
  }
}

async function openEntry(file: string, entry: Entry, zip: ZipFile): Promise<StoredArray> {
  const name = entry.fileName.slice(0, -'.npy'.length);
  const { uncompressedSize: bytes, compressedSize, crc32: crc } = entry;
  checkSize(file, name, bytes);
  const possible = compressedSize * bestRatio;
  if (bytes > possible)
    throw damaged(file, 'reasonArrayBytes', { array: name, expected: bytes, found: possible });
  const source = (from: ZipFile) => ({
    file,
    name,
    bytes,
    crc,
    open: () => from.openReadStreamPromise(entry),
  });
  const { shape } = await readSourceHeader(source(zip));
  const read = async (signal?: AbortSignal) => {
    const reopened = await openZip(file);
    try {
      return await readSource(source(reopened), signal);
    } finally {
      reopened.close();
    }
  };
  return { file, name, shape, read };
}

async function openZip(file: string): Promise<ZipFile> {
  try {
    // yauzl itself ends a stream that grows beyond its entry's size.
    return await openPromise(file, { autoClose: false, validateEntrySizes: true });
  } catch (error) {
    throw archiveError(file, error);
  }
}

async function entriesOf(zip: ZipFile, file: string): Promise<Entry[]> {
  try {
    const entries: Entry[] = [];
    for await (const entry of zip.eachEntry()) entries.push(entry);
    return entries;
  } catch (error) {
    throw archiveError(file, error);
  }
}

function archiveError(file: string, error: unknown): UserError {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code) return unreadable(file, error);
  // yauzl's words for what has no directory at its end.
  if (message.startsWith('End of central directory')) return damaged(file, 'reasonZipEnd');
  return new UserError('dataDamaged', { file, reason: message });
}
