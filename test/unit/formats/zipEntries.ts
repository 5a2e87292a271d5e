import { buffer } from 'node:stream/consumers';
import { openPromise } from 'yauzl';

export interface ReadEntry {
  readonly name: string;
  /** 0 = STORED, 8 = deflated. */
  readonly method: number;
  readonly time: number;
  readonly date: number;
  readonly crc: number;
  readonly bytes: Buffer;
}

/** Every entry of a zip archive, as another library reads it. */
export async function readEntries(path: string): Promise<ReadEntry[]> {
  const zip = await openPromise(path, { autoClose: false, validateEntrySizes: true });
  const entries: ReadEntry[] = [];
  for await (const entry of zip.eachEntry()) {
    entries.push({
      name: entry.fileName,
      method: entry.compressionMethod,
      time: entry.lastModFileTime,
      date: entry.lastModFileDate,
      crc: entry.crc32,
      bytes: await buffer(await zip.openReadStreamPromise(entry)),
    });
  }
  zip.close();
  return entries;
}
