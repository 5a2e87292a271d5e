/** Classes of a power of two are halved twice, so that a block of a class is at most a quarter larger than another. */
const steps = 4;

/**
 * The free blocks of a memory: taken by size, joined with their neighbours when given back. Segregated lists after
 * Masmano et al., "TLSF: a new dynamic memory allocator for real-time systems" (2004), without its bit maps.
 */
export class FreeBlocks {
  readonly #sizeAt = new Map<number, number>();
  readonly #startBefore = new Map<number, number>();
  readonly #classes: Set<number>[] = Array.from({ length: steps * 34 }, () => new Set());

  /** Gives back a block, or adds a new one. */
  add(start: number, size: number): void {
    let from = start;
    let to = start + size;
    const before = this.#startBefore.get(start);
    if (before !== undefined) {
      from = before;
      this.#remove(before);
    }
    const after = this.#sizeAt.get(to);
    if (after !== undefined) {
      this.#remove(to);
      to += after;
    }
    this.#insert(from, to - from);
  }

  /** The start of `size` bytes that are free no longer; undefined where no block is large enough. */
  take(size: number): number | undefined {
    const start = this.#find(size);
    if (start === undefined) return undefined;
    const found = this.#sizeAt.get(start) as number;
    this.#remove(start);
    if (found > size) this.#insert(start + size, found - size);
    return start;
  }

  #find(size: number): number | undefined {
    const own = classOf(size);
    // Only of its own class a block can be too small.
    for (const start of this.#classes[own]) if ((this.#sizeAt.get(start) as number) >= size) return start;
    for (let c = own + 1; c < this.#classes.length; c++) {
      for (const start of this.#classes[c]) return start;
    }
    return undefined;
  }

  #insert(start: number, size: number): void {
    this.#sizeAt.set(start, size);
    this.#startBefore.set(start + size, start);
    this.#classes[classOf(size)].add(start);
  }

  #remove(start: number): void {
    const size = this.#sizeAt.get(start) as number;
    this.#sizeAt.delete(start);
    this.#startBefore.delete(start + size);
    this.#classes[classOf(size)].delete(start);
  }
}

function classOf(size: number): number {
  const power = Math.floor(Math.log2(size));
  return power * steps + Math.floor((size / 2 ** power - 1) * steps);
}
