import { createWriteStream } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { UserError } from '../../protocol/userError.ts';

/** A zip archive read by its central directory; entries are never larger than they claim. */
export class ZipArchive {
  readonly entries: readonly Entry[];
  readonly #zip: ZipFile;
  readonly #path: string;

  private constructor(zip: ZipFile, entries: readonly Entry[], path: string) {
    this.#zip = zip;
    this.entries = entries;
    this.#path = path;
  }

  /** Throws fileDamaged where there is no readable central directory. */
  static async open(path: string): Promise<ZipArchive> {
    try {
      const zip = await openPromise(path, {
        autoClose: false,
        validateEntrySizes: true,
        strictFileNames: true,
      });
      try {
        const entries: Entry[] = [];
        for await (const entry of zip.eachEntry()) entries.push(entry);
        return new ZipArchive(zip, entries, path);
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
      const sizes = { needed: `${entry.uncompressedSize} bytes`, limit: `${limit} bytes` };
      throw new UserError('tooLarge', { file: this.#path, what: name, ...sizes });
    }
    return entry;
  }

  async text(entry: Entry): Promise<string> {
    try {
      return (await buffer(await this.stream(entry))).toString('utf8');
    } catch (error) {
      throw damaged(this.#path, error);
    }
  }

  /** Unpacks an entry into a file. */
  async extract(entry: Entry, to: string): Promise<void> {
    try {
      await pipeline(await this.stream(entry), createWriteStream(to, { flags: 'wx' }));
    } catch (error) {
      const full = (error as NodeJS.ErrnoException).code === 'ENOSPC';
      throw full ? new UserError('diskFull', { file: to }) : damaged(this.#path, error);
    }
  }

  /** The entry's unpacked bytes. */
  stream(entry: Entry): Promise<NodeJS.ReadableStream> {
    return this.#zip.openReadStreamPromise(entry);
  }

  close(): void {
    this.#zip.close();
  }
}

function damaged(file: string, error: unknown): unknown {
  if (error instanceof UserError) return error;
  return new UserError('fileDamaged', { file, reason: (error as Error).message });
}
