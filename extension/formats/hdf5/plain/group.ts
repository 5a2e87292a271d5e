import type { Pages } from './pages.ts';
import { expectSignature, offset, Unfamiliar } from './unfamiliar.ts';

const mostMembers = 100_000;
const deepestTree = 16;

/** The members of a group of the older kind: name and address of the object header, in the order of the names. */
export type Members = ReadonlyMap<string, number>;

/** Follows a symbol table message to its B-tree and local heap (HDF5 file format specification, III.A to III.D). */
export async function groupMembers(pages: Pages, symbolTable: Buffer): Promise<Members> {
  const names = await localHeap(pages, offset(symbolTable, 8));
  const members = new Map<string, number>();
  for await (const table of tablesOf(pages, offset(symbolTable, 0), deepestTree)) {
    await addMembers(pages, table, names, members);
    if (members.size > mostMembers) throw new Unfamiliar('a group without an end');
  }
  return members;
}

async function* tablesOf(pages: Pages, at: number, depth: number): AsyncGenerator<number> {
  const headSize = 24;
  pages.enter(at);
  const head = await pages.bytes(at, headSize);
  expectSignature(head, 'TREE\0');
  const level = head[5];
  if (level >= depth) throw new Unfamiliar('a tree without an end');
  // A key stands before each child.
  const entries = await pages.bytes(at + headSize, head.readUInt16LE(6) * 16);
  for (let at = 8; at < entries.length; at += 16) {
    if (level === 0) yield offset(entries, at);
    else yield* tablesOf(pages, offset(entries, at), level);
  }
}

async function addMembers(
  pages: Pages,
  at: number,
  names: Buffer,
  members: Map<string, number>,
): Promise<void> {
  const [headSize, entrySize] = [8, 40];
  pages.enter(at);
  const head = await pages.bytes(at, headSize);
  expectSignature(head, 'SNOD\x01');
  const entries = await pages.bytes(at + headSize, head.readUInt16LE(6) * entrySize);
  for (let at = 0; at < entries.length; at += entrySize) {
    const start = offset(entries, at);
    const end = names.indexOf(0, start);
    const isLink = entries.readUInt32LE(at + 16) === 2;
    if (isLink || start >= names.length || end === -1) throw new Unfamiliar('a link');
    const name = names.toString('utf8', start, end);
    if (name === '' || members.has(name)) throw new Unfamiliar('a name twice');
    members.set(name, offset(entries, at + 8));
  }
}

async function localHeap(pages: Pages, at: number): Promise<Buffer> {
  const head = await pages.bytes(at, 32);
  expectSignature(head, 'HEAP\0');
  return pages.bytes(offset(head, 24), offset(head, 8));
}
