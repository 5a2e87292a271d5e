import { UserError } from '../../protocol/userError.ts';

/** Longer integers are of no use here, and take long to decode. */
const longestInteger = 64;

/** Reads a pickle's bytes one after the other; nothing is read, or allocated, beyond their end. */
export class PickleCursor {
  at: number;
  readonly #bytes: Buffer;
  readonly #file: string;

  constructor(bytes: Buffer, at: number, file: string) {
    this.#bytes = bytes;
    this.at = at;
    this.#file = file;
  }

  /** The next `length` bytes, as a view. Throws fileDamaged (reasonTruncated) where there are fewer. */
  take(length: number): Buffer {
    this.expect(length);
    const from = this.at;
    this.at += length;
    return this.#bytes.subarray(from, this.at);
  }

  /** Throws like `take` where fewer bytes follow. */
  expect(length: number): void {
    if (length > this.#bytes.length - this.at)
      throw new UserError('fileDamaged', { file: this.#file }, { code: 'reasonTruncated', args: {} });
  }

  byte(): number {
    return this.take(1)[0];
  }

  /** Little-endian, of one to four bytes. */
  unsigned(width: number): number {
    return this.take(width).readUIntLE(0, width);
  }

  /** A length of eight bytes. */
  length8(): number {
    return Number(this.take(8).readBigUInt64LE());
  }

  /** A signed little-endian integer of any length; one that is too long to be of use stays bytes. */
  integer(length: number): number | bigint | Buffer {
    const bytes = this.take(length);
    if (length === 0) return 0;
    if (length <= 6) return bytes.readIntLE(0, length);
    if (length > longestInteger) return bytes;
    const unsigned = BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
    const value = BigInt.asIntN(8 * length, unsigned);
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  }

  text(length: number): string {
    return this.take(length).toString('utf8');
  }

  /** Up to the end of the line. */
  line(): string {
    const end = this.#bytes.indexOf(0x0a, this.at);
    const line = this.text((end < 0 ? this.#bytes.length : end) - this.at);
    this.take(1);
    return line;
  }

  /** What is wrong with the pickle, `at` this byte. */
  damaged(at = this.at): UserError {
    return new UserError(
      'fileDamaged',
      { file: this.#file },
      { code: 'reasonPickle', args: { position: at } },
    );
  }

  /** The pickle would take too much memory. */
  tooMany(limit: number): UserError {
    return new UserError(
      'fileDamaged',
      { file: this.#file },
      { code: 'reasonPickleObjects', args: { limit } },
    );
  }
}
