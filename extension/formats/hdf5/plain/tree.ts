import { sizeOf } from '../../../model/parameter.ts';
import type { FileBytes } from '../../bytes/fileBytes.ts';
import { signature } from '../signature.ts';
import { readAttribute } from './attribute.ts';
import { type Datatype, readDataspace, readDatatype } from './datatype.ts';
import { GlobalHeap } from './globalHeap.ts';
import { groupMembers } from './group.ts';
import { type HeaderMessage, messageType, objectMessages } from './objectHeader.ts';
import { Pages } from './pages.ts';
import { offset, optionalOffset, Unfamiliar } from './unfamiliar.ts';

type Attributes = ReadonlyMap<string, unknown>;

export interface PlainGroup {
  readonly kind: 'group';
  readonly attributes: Attributes;
  readonly members: ReadonlyMap<string, PlainNode>;
}

/** Elements that lie one after another in one place of the file. */
export interface PlainDataset {
  readonly kind: 'dataset';
  readonly attributes: Attributes;
  readonly type: Datatype;
  readonly shape: readonly number[];
  /** Byte of the first element. */
  readonly at: number;
}

export type PlainNode = PlainGroup | PlainDataset;

const mostNodes = 100_000;
const deepest = 64;

/** All that a file holds, without the values of its datasets. Throws `Unfamiliar` where anything is not of the plain kind. */
export async function readTree(file: FileBytes): Promise<PlainGroup> {
  const pages = new Pages(file);
  const root = await new TreeReader(pages).node(await rootAddress(pages), 0);
  if (root.kind !== 'group') throw new Unfamiliar('no root group');
  return root;
}

/**
 * A superblock of version 0, at the start of a file that has the signature, and with addresses of 8 bytes (HDF5 file format specification,
 * II.A).
 */
async function rootAddress(pages: Pages): Promise<number> {
  const superblock = await pages.bytes(0, 96);
  const isFirst = superblock.subarray(0, signature.length).equals(signature);
  if (!isFirst || superblock[8] !== 0 || superblock[13] !== 8 || superblock[14] !== 8)
    throw new Unfamiliar('another superblock');
  if (offset(superblock, 24) !== 0 || offset(superblock, 40) > pages.fileSize)
    throw new Unfamiliar('another superblock');
  return offset(superblock, 64);
}

class TreeReader {
  readonly #pages: Pages;
  readonly #heap: GlobalHeap;
  readonly #seen = new Set<number>();

  constructor(pages: Pages) {
    this.#pages = pages;
    this.#heap = new GlobalHeap(pages);
  }

  async node(at: number, depth: number): Promise<PlainNode> {
    // An object of two names, or one that holds itself.
    if (this.#seen.has(at) || this.#seen.size >= mostNodes || depth > deepest)
      throw new Unfamiliar('a tree without an end');
    this.#seen.add(at);
    const messages = await objectMessages(this.#pages, at);
    const attributes = await this.#attributes(messages);
    const table = bodyOf(messages, messageType.symbolTable);
    if (!table) return { kind: 'dataset', attributes, ...this.#dataset(messages) };
    const members = new Map<string, PlainNode>();
    for (const [name, address] of await groupMembers(this.#pages, table))
      members.set(name, await this.node(address, depth + 1));
    return { kind: 'group', attributes, members };
  }

  async #attributes(messages: readonly HeaderMessage[]): Promise<Attributes> {
    const attributes = new Map<string, unknown>();
    for (const { type, body } of messages)
      if (type === messageType.attribute) attributes.set(...(await readAttribute(body, this.#heap)));
    return attributes;
  }

  #dataset(messages: readonly HeaderMessage[]): Pick<PlainDataset, 'type' | 'shape' | 'at'> {
    const [dataspace, datatype, layout] = [
      messageType.dataspace,
      messageType.datatype,
      messageType.layout,
    ].map((type) => bodyOf(messages, type));
    if (!dataspace || !datatype || !layout) throw new Unfamiliar('neither group nor dataset');
    const type = readDatatype(datatype);
    const shape = readDataspace(dataspace);
    const bytes = sizeOf(shape) * type.size;
    // Version 3, contiguous; what was never written has no address.
    const isContiguous = layout[0] === 3 && layout[1] === 1;
    const at = isContiguous ? optionalOffset(layout, 2) : undefined;
    if (at === undefined || offset(layout, 10) !== bytes || at + bytes > this.#pages.fileSize)
      throw new Unfamiliar('a dataset that lies otherwise');
    return { type, shape, at };
  }
}

function bodyOf(messages: readonly HeaderMessage[], type: number): Buffer | undefined {
  return messages.find((message) => message.type === type)?.body;
}
