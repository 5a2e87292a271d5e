import type { FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import type { Entry } from 'yauzl';
import type { ZipArchive } from './archive.ts';

/** A STORED entry whose data changed in a copy of the archive, and the byte at which the data begins. */
export interface ChangedEntry {
  readonly entry: Entry;
  readonly at: number;
}

const chunkBytes = 4 * 2 ** 20;

/**
 * Writes the CRC-32 of changed entries where those of the old data stand: in the central directory, and in the local header or the data
 * descriptor behind the data (PKWARE APPNOTE 6.3.10, sections 4.3.7, 4.3.9 and 4.3.12). Nothing moves.
 */
export async function mendChecksums(
  copy: FileHandle,
  archive: ZipArchive,
  changed: readonly ChangedEntry[],
  step?: () => Promise<void>,
): Promise<void> {
  const directory = headerPlaces(archive);
  for (const { entry, at } of changed) {
    await step?.();
    const crc = await checksum(copy, at, entry.uncompressedSize);
    const write = async (place: number) => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32LE(crc);
      await copy.write(bytes, 0, 4, place);
    };
    const central = directory.get(entry);
    if (central !== undefined) await write(central + 16);
    for (const place of localPlaces(entry, at)) {
      const { buffer, bytesRead } = await copy.read(Buffer.alloc(4), 0, 4, place);
      if (bytesRead === 4 && buffer.readUInt32LE() === entry.crc32) {
        await write(place);
        break;
      }
    }
  }
}

/** Where the entry's old checksum may stand beside its data: the header, or the descriptor with or without a signature. */
function localPlaces(entry: Entry, at: number): number[] {
  const end = at + entry.uncompressedSize;
  const hasDescriptor = (entry.generalPurposeBitFlag & 8) !== 0;
  return hasDescriptor ? [end + 4, end] : [entry.relativeOffsetOfLocalHeader + 14];
}

/** Byte of each entry's header in the central directory. */
function headerPlaces({ entries, directoryAt }: ZipArchive): Map<Entry, number> {
  const places = new Map<Entry, number>();
  let at = directoryAt;
  for (const entry of entries) {
    places.set(entry, at);
    at += 46 + entry.fileNameLength + entry.extraFieldLength + entry.fileCommentLength;
  }
  return places;
}

async function checksum(file: FileHandle, at: number, length: number): Promise<number> {
  const chunk = Buffer.allocUnsafeSlow(Math.min(chunkBytes, length));
  let crc = 0;
  for (let done = 0; done < length; ) {
    const { bytesRead } = await file.read(chunk, 0, Math.min(chunk.length, length - done), at + done);
    if (bytesRead === 0) throw new Error('The copy of the archive ends before it should.');
    crc = crc32(chunk.subarray(0, bytesRead), crc);
    done += bytesRead;
  }
  return crc;
}
