import type { Pages } from './pages.ts';
import { Damage, offset, Unfamiliar } from './unfamiliar.ts';

/** What messages of an object header say (HDF5 file format specification, IV.A.2). */
export const messageType = {
  dataspace: 0x01,
  datatype: 0x03,
  layout: 0x08,
  attribute: 0x0c,
  symbolTable: 0x11,
} as const;

const continuation = 0x10;
/** Nothing, fill values, times of change: they say nothing about what is stored. */
const passedOver: ReadonlySet<number> = new Set([0x00, 0x04, 0x05, 0x0e, 0x12]);
const known: ReadonlySet<number> = new Set(Object.values(messageType));

export interface HeaderMessage {
  readonly type: number;
  readonly body: Buffer;
}

const prefixSize = 16;
const mostBlocks = 256;
const mostBytes = 16 * 2 ** 20;

/**
 * The messages of an object, of version 1 as HDF5 writes it unless it is told otherwise. Filters and links of newer files are unfamiliar.
 */
export async function objectMessages(pages: Pages, at: number): Promise<HeaderMessage[]> {
  const prefix = await pages.bytes(at, prefixSize);
  if (prefix[0] !== 1) throw new Unfamiliar('an object header of another version');
  const blocks = [{ at: at + prefixSize, length: prefix.readUInt32LE(8) }];
  const messages: HeaderMessage[] = [];
  let total = 0;
  for (let b = 0; b < blocks.length; b++) {
    const { at, length } = blocks[b];
    total += length;
    if (b >= mostBlocks || total > mostBytes) throw new Unfamiliar('an endless object header');
    pages.enter(at);
    const block = await pages.bytes(at, length);
    for (const message of messagesIn(block)) {
      if (message.type === continuation)
        blocks.push({ at: offset(message.body, 0), length: offset(message.body, 8) });
      else if (known.has(message.type)) messages.push(message);
      else if (!passedOver.has(message.type)) throw new Unfamiliar(`message ${message.type}`);
    }
  }
  return messages;
}

function* messagesIn(block: Buffer): Generator<HeaderMessage> {
  const head = 8;
  const shared = 2;
  for (let at = 0; at + head <= block.length; ) {
    const size = block.readUInt16LE(at + 2);
    if ((block[at + 4] & shared) !== 0) throw new Unfamiliar('a shared message');
    if (at + head + size > block.length) throw new Damage('a message beyond its block');
    yield { type: block.readUInt16LE(at), body: block.subarray(at + head, at + head + size) };
    at += head + size;
  }
}
