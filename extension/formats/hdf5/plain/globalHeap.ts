import type { Pages } from './pages.ts';
import { Damage, expectSignature, offset, Unfamiliar } from './unfamiliar.ts';

const headerSize = 16;
const largestCollection = 2 ** 24;
/** All texts together; references may lead to the same one again and again. */
const mostBytes = 64 * 2 ** 20;

/** Objects of the global heap, where texts of any length are (HDF5 file format specification, III.E). */
export class GlobalHeap {
  readonly #pages: Pages;
  readonly #collections = new Map<number, Map<number, Buffer>>();
  #left = mostBytes;

  constructor(pages: Pages) {
    this.#pages = pages;
  }

  /** What a reference of 16 bytes refers to: length, address of the collection, number of the object. */
  async object(reference: Buffer): Promise<Buffer> {
    const length = reference.readUInt32LE(0);
    if (length === 0) return Buffer.alloc(0);
    const at = offset(reference, 4);
    const found = (await this.#collection(at)).get(reference.readUInt32LE(12));
    if (!found || found.length < length) throw new Damage('no such object');
    this.#left -= length;
    if (this.#left < 0) throw new Unfamiliar('endless texts');
    return found.subarray(0, length);
  }

  async #collection(at: number): Promise<Map<number, Buffer>> {
    const known = this.#collections.get(at);
    if (known) return known;
    const head = await this.#pages.bytes(at, headerSize);
    expectSignature(head, 'GCOL\x01');
    const size = offset(head, 8);
    if (size > largestCollection) throw new Unfamiliar('a large collection');
    const objects = objectsIn(await this.#pages.bytes(at, size));
    this.#collections.set(at, objects);
    return objects;
  }
}

function objectsIn(collection: Buffer): Map<number, Buffer> {
  const objects = new Map<number, Buffer>();
  for (let at = headerSize; at + headerSize <= collection.length; ) {
    const index = collection.readUInt16LE(at);
    // Free space; nothing comes behind it.
    if (index === 0) break;
    const size = offset(collection, at + 8);
    const start = at + headerSize;
    if (start + size > collection.length) throw new Damage('an object beyond its collection');
    objects.set(index, collection.subarray(start, start + size));
    at = start + Math.ceil(size / 8) * 8;
  }
  return objects;
}
