import { createWriteStream } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { crc32 } from 'node:zlib';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { withoutPaths } from '../../protocol/unreadable.ts';
import { UserError } from '../../protocol/userError.ts';
import { headOf } from '../bytes/headOf.ts';

/** A zip archive read by its central directory; entries are never larger than they claim. */
export class ZipArchive {
  readonly entries: readonly Entry[];
  /** Byte of the central directory, in which the entries' headers follow each other. */
  readonly directoryAt: number;
  readonly #zip: ZipFile;
  readonly #path: string;

  private constructor(zip: ZipFile, entries: readonly Entry[], directoryAt: number, path: string) {
    this.#zip = zip;
    this.entries = entries;
    this.directoryAt = directoryAt;
    this.#path = path;
  }

  /** Throws fileDamaged where there is no readable central directory. */
  static async open(path: string): Promise<ZipArchive> {
    if (!(await beginsLikeZip(path))) {
      throw new UserError('fileDamaged', { file: path }, { code: 'reasonNoZip', args: {} });
    }
    try {
      const zip = await openPromise(path, {
        autoClose: false,
        validateEntrySizes: true,
        strictFileNames: true,
      });
      try {
        const entries: Entry[] = [];
        // Its types take this for a flag; before the first entry it is where the directory begins.
        const directoryAt = Number(zip.readEntryCursor);
        for await (const entry of zip.eachEntry()) entries.push(entry);
        return new ZipArchive(zip, entries, directoryAt, path);
      } catch (error) {
        zip.close();
        throw error;
      }
    } catch (error) {
      throw damaged(path, error);
    }
  }

  /** The one entry of this name; throws fileDamaged where it is missing or larger than `limit` bytes. */
  entry(name: string, limit: number): Entry {
    const entry = this.entries.find(({ fileName }) => fileName === name);
    if (!entry)
      throw new UserError(
        'fileDamaged',
        { file: this.#path },
        { code: 'reasonNoEntry', args: { entry: name } },
      );
    if (entry.uncompressedSize > limit) {
      const sizes = { needed: entry.uncompressedSize, limit };
      throw new UserError('tooLarge', { file: this.#path, what: name, ...sizes });
    }
    return entry;
  }

  async text(entry: Entry): Promise<string> {
    return (await buffer(this.bytes(entry))).toString('utf8');
  }

  /** Unpacks an entry into a file. */
  async extract(entry: Entry, to: string): Promise<void> {
    try {
      await pipeline(this.bytes(entry), createWriteStream(to, { flags: 'wx' }));
    } catch (error) {
      if (error instanceof UserError) throw error;
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === 'ENOSPC') throw new UserError('diskFull', { file: to });
      throw new UserError('cannotWrite', { file: to, reason: withoutPaths(message) });
    }
  }

  /** The entry's unpacked bytes. Throws fileDamaged where they are not what the archive says. */
  async *bytes(entry: Entry): AsyncGenerator<Buffer> {
    let crc = 0;
    try {
      for await (const chunk of await this.#zip.openReadStreamPromise(entry)) {
        crc = crc32(chunk as Buffer, crc);
        yield chunk as Buffer;
      }
    } catch (error) {
      throw damaged(this.#path, error);
    }
    if (crc !== entry.crc32) {
      const reason = { code: 'reasonEntryChecksum', args: { entry: entry.fileName } } as const;
      throw new UserError('fileDamaged', { file: this.#path }, reason);
    }
  }

  close(): void {
    this.#zip.close();
  }
}

/** A first entry, or the end of the directory of an archive without entries. */
const beginnings = ['PK\x03\x04', 'PK\x05\x06'];

export async function beginsLikeZip(path: string): Promise<boolean> {
  return beginnings.includes((await headOf(path, 4)).toString('latin1'));
}

function damaged(file: string, error: unknown): unknown {
  if (error instanceof UserError) return error;
  const { message } = error as Error;
  // The directory stands at the end, so an archive that was cut off has none.
  if (message.startsWith('End of central directory record signature not found')) {
    return new UserError('fileDamaged', { file }, { code: 'reasonTruncated', args: {} });
  }
  return new UserError('fileDamaged', { file, reason: message });
}
