import { damaged } from '../damaged.ts';
import { readVarint, varintEnd } from '../protobuf/varint.ts';
import { crc32c, masked } from './crc32c.ts';

/** One entry of a sorted table: where its value lies in the file, and the block that it is in. */
export interface TableEntry {
  readonly key: string;
  readonly start: number;
  readonly end: number;
  readonly block: Block;
}

/** Where a block of entries lies; its compression and checksum stand behind it. */
export interface Block {
  readonly start: number;
  readonly end: number;
}

const footerLength = 48;
/** Behind a block: a byte of compression, four of the checksum. */
const trailerLength = 5;
const magic = 0xdb4775248b80fb57n;
/** Entries of one table; the largest models have some thousands. */
const mostEntries = 2 ** 15;
/** Bytes of all keys: each may repeat the one before, so that few bytes of a file can stand for any number of them. */
const mostKeyBytes = 2 ** 24;

/**
 * The entries of a sorted string table, as LevelDB and TensorFlow's checkpoints write it (LevelDB, doc/table_format.md). Throws
 * fileDamaged; tables that are compressed, which TensorFlow never writes, are damaged, too.
 */
export function readTable(bytes: Buffer, file: string): TableEntry[] {
  if (bytes.length < footerLength || bytes.readBigUInt64LE(bytes.length - 8) !== magic) throw damaged(file);
  const varint = (at: number, end: number): [value: number, next: number] => {
    const value = readVarint(bytes.subarray(0, end), at);
    if (!(value >= 0)) throw damaged(file);
    return [value, varintEnd()];
  };
  const blockAt = (at: number, end: number): Block => {
    const [start, next] = varint(at, end);
    const [length] = varint(next, end);
    const block = { start, end: start + length };
    if (length < 4 || block.end + trailerLength > bytes.length || bytes[block.end] !== 0) throw damaged(file);
    return block;
  };
  let [count, keyBytes] = [0, 0];
  const entriesOf = (block: Block): TableEntry[] => {
    const restarts = bytes.readUInt32LE(block.end - 4);
    const end = block.end - 4 - 4 * restarts;
    if (end < block.start) throw damaged(file);
    const entries: TableEntry[] = [];
    let before: Buffer = Buffer.alloc(0);
    for (let at = block.start; at < end; ) {
      const [shared, a] = varint(at, end);
      const [own, b] = varint(a, end);
      const [length, c] = varint(b, end);
      if (shared > before.length || c + own + length > end) throw damaged(file);
      keyBytes += shared + own;
      if (++count > mostEntries || keyBytes > mostKeyBytes)
        throw damaged(file, { code: 'reasonTooManyParts', args: { limit: mostEntries } });
      const key: Buffer = Buffer.concat([before.subarray(0, shared), bytes.subarray(c, c + own)]);
      entries.push({ key: key.toString('utf8'), start: c + own, end: c + own + length, block });
      at = c + own + length;
      before = key;
    }
    return entries;
  };
  const footer = bytes.length - footerLength;
  const [, afterMeta] = varint(footer, bytes.length);
  const [, atIndex] = varint(afterMeta, bytes.length);
  const index = blockAt(atIndex, bytes.length);
  return entriesOf(index).flatMap(({ start, end }) => entriesOf(blockAt(start, end)));
}

/** Makes the checksum of a block right again after its bytes have changed. */
export function mendBlock(bytes: Buffer, { start, end }: Block): void {
  bytes.writeUInt32LE(masked(crc32c(bytes.subarray(start, end + 1))), end + 1);
}
