import type { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { UserError } from '../protocol/userError.ts';

/** Takes bytes off a stream in the amounts that the reader asks for. */
export class ByteStream {
  readonly #stream: Readable;
  readonly #chunks: AsyncIterator<Buffer>;
  readonly #signal: AbortSignal | undefined;
  #rest: Buffer = Buffer.alloc(0);
  #crc = 0;

  constructor(stream: Readable, signal?: AbortSignal) {
    this.#stream = stream;
    this.#chunks = stream[Symbol.asyncIterator]();
    // The iterator reports errors; one that comes when nobody reads any more must not end the process.
    stream.on('error', () => {});
    this.#signal = signal;
  }

  /** CRC-32 of all bytes that came off the stream so far. */
  get crc(): number {
    return this.#crc;
  }

  /** Fills `target`, or as much of it as there are bytes; gives the number of bytes. */
  async fill(target: Uint8Array): Promise<number> {
    let filled = 0;
    while (filled < target.length && (await this.#more())) {
      const part = this.#rest.subarray(0, target.length - filled);
      target.set(part, filled);
      filled += part.length;
      this.#rest = this.#rest.subarray(part.length);
    }
    return filled;
  }

  /** True where nothing is left. Reading up to here also lets the source check its own end. */
  async atEnd(): Promise<boolean> {
    return !(await this.#more());
  }

  async close(): Promise<void> {
    await this.#chunks.return?.();
    // An iterator that never began leaves its stream open.
    this.#stream.destroy();
  }

  async #more(): Promise<boolean> {
    while (this.#rest.length === 0) {
      if (this.#signal?.aborted) throw new UserError('cancelled');
      const next = await this.#chunks.next();
      if (next.done) return false;
      this.#rest = next.value;
      this.#crc = crc32(next.value, this.#crc);
    }
    return true;
  }
}
