import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ShardCut } from './shardCuts.ts';

/** Writes the bytes of a group, one run behind the other, into the files that they are cut into. */
export class ShardWriter {
  readonly #folder: string;
  readonly #cuts: readonly ShardCut[];
  #next = 0;
  #left = 0;
  #file: FileHandle | undefined;

  constructor(folder: string, cuts: readonly ShardCut[]) {
    this.#folder = folder;
    this.#cuts = cuts;
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      while (this.#left === 0) await this.#open();
      const part = bytes.subarray(done, done + this.#left);
      await this.#file?.writeFile(part);
      this.#left -= part.length;
      done += part.length;
    }
  }

  /** Makes the files that nothing was left for, too, and closes. */
  async end(): Promise<void> {
    while (this.#next < this.#cuts.length) await this.#open();
    await this.close();
  }

  async close(): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
  }

  async #open(): Promise<void> {
    await this.close();
    const { path, size } = this.#cuts[this.#next++];
    const whole = join(this.#folder, path);
    await mkdir(dirname(whole), { recursive: true });
    this.#file = await open(whole, 'wx');
    this.#left = size;
  }
}
