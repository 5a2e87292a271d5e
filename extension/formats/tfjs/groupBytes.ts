import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../protocol/userError.ts';
import { FileBytes } from '../bytes/fileBytes.ts';
import type { WeightGroup } from './manifest.ts';

const largestPiece = 4 * 2 ** 20;

interface Shard {
  readonly path: string;
  /** First byte in the group, and how many. */
  readonly at: number;
  readonly size: number;
}

/**
 * The files of a group of weights as one run of bytes. A file is open only while it is read: there may be more of them than a process may
 * open.
 */
export class GroupBytes {
  readonly shards: readonly Shard[];
  readonly size: number;
  readonly #shownAs: string;

  private constructor(shards: readonly Shard[], shownAs: string) {
    this.shards = shards;
    this.size = shards.reduce((sum, { size }) => sum + size, 0);
    this.#shownAs = shownAs;
  }

  /**
   * @param folder that the group's paths are relative to
   * @param shownAs names the model in messages
   * @throws UserError fileDamaged where a file is missing
   */
  static async open({ paths }: WeightGroup, folder: string, shownAs: string): Promise<GroupBytes> {
    const shards: Shard[] = [];
    let at = 0;
    for (const name of paths) {
      const path = join(folder, name);
      const size = await sizeOfFile(path);
      if (size === undefined)
        throw new UserError('fileDamaged', { file: shownAs }, { code: 'reasonNoFile', args: { path: name } });
      shards.push({ path, at, size });
      at += size;
    }
    return new GroupBytes(shards, shownAs);
  }

  /** A buffer of its own. Throws fileDamaged where the files end before; nothing is allocated then. */
  async read(at: number, length: number): Promise<Buffer> {
    this.#check(at, length);
    const bytes = Buffer.allocUnsafeSlow(length);
    await this.readInto(bytes, at);
    return bytes;
  }

  /** Fills `bytes` from `at` on. Throws like `read`. */
  async readInto(bytes: Uint8Array, at: number): Promise<void> {
    const { length } = bytes;
    this.#check(at, length);
    const touched = this.shards.filter((shard) => shard.at < at + length && shard.at + shard.size > at);
    for (const shard of touched) {
      const from = Math.max(at - shard.at, 0);
      const to = Math.min(at + length - shard.at, shard.size);
      const file = await FileBytes.open(shard.path, this.#shownAs);
      try {
        await file.readInto(bytes.subarray(shard.at + from - at, shard.at + to - at), from);
      } finally {
        await file.close();
      }
    }
  }

  /** The same a piece at a time, for what is only copied. */
  async *pieces(at: number, length: number): AsyncGenerator<Buffer> {
    for (let done = 0; done < length; done += largestPiece)
      yield await this.read(at + done, Math.min(largestPiece, length - done));
  }

  #check(at: number, length: number): void {
    if (at + length <= this.size) return;
    throw new UserError('fileDamaged', { file: this.#shownAs }, { code: 'reasonTruncated', args: {} });
  }
}

async function sizeOfFile(path: string): Promise<number | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() ? found.size : undefined;
}
