import { UserError } from '../../protocol/userError.ts';
import { FreeBlocks } from './freeBlocks.ts';

const pageBytes = 65536;
/**
 * The address space of WebAssembly with 32-bit pointers, but for its last page: the end of a block there would be address 0,
 * and a loop up to it would not run at all.
 */
const maximalPages = 65535;
/** Every block begins at a multiple of this: a cache line, and more than any vector needs. */
const alignment = 64;
/** The memory grows by at least so much at once. */
const leastGrowth = 16 << 20;

/**
 * The one memory that all threads compute in, with an allocator for tensors. It is shared, so that growing detaches no
 * view. Used by the calling thread only.
 */
export class Memory {
  readonly wasm: WebAssembly.Memory;
  /** Bytes of the live blocks. */
  liveBytes = 0;
  readonly #free = new FreeBlocks();
  readonly #live = new Map<number, number>();
  readonly #limit: number;
  #end: number;

  /**
   * @param base where blocks may begin, bytes
   * @param limit bytes, at most 4 GiB less a page
   */
  constructor(base: number, limit = maximalPages * pageBytes) {
    const initial = Math.ceil(base / pageBytes);
    this.wasm = new WebAssembly.Memory({ initial, maximum: maximalPages, shared: true });
    this.#limit = limit;
    this.#end = initial * pageBytes;
    if (this.#end > base) this.#free.add(base, this.#end - base);
  }

  get liveBlocks(): number {
    return this.#live.size;
  }

  /**
   * An address of at least `bytes` bytes, a multiple of 64; what is there is undefined.
   * @throws {UserError} engineMemory where the limit does not suffice
   */
  allocate(bytes: number): number {
    const size = Math.max(1, Math.ceil(bytes / alignment)) * alignment;
    const pointer = this.#free.take(size) ?? this.#grow(size);
    this.#live.set(pointer, size);
    this.liveBytes += size;
    return pointer;
  }

  /** Several blocks, or none of them. */
  allocateAll(...bytes: readonly number[]): number[] {
    const pointers: number[] = [];
    try {
      for (const size of bytes) pointers.push(this.allocate(size));
      return pointers;
    } catch (error) {
      for (const pointer of pointers) this.free(pointer);
      throw error;
    }
  }

  free(pointer: number): void {
    const size = this.#live.get(pointer);
    if (size === undefined) throw new Error(`no block begins at ${pointer}`);
    this.#live.delete(pointer);
    this.liveBytes -= size;
    this.#free.add(pointer, size);
  }

  floats(pointer: number, length: number): Float32Array {
    return new Float32Array(this.wasm.buffer, pointer, length);
  }

  integers(pointer: number, length: number): Int32Array {
    return new Int32Array(this.wasm.buffer, pointer, length);
  }

  doubles(pointer: number, length: number): Float64Array {
    return new Float64Array(this.wasm.buffer, pointer, length);
  }

  bytes(pointer: number, length: number): Uint8Array {
    return new Uint8Array(this.wasm.buffer, pointer, length);
  }

  #grow(size: number): number {
    // Half as much again, so that a job of many batches grows a few times only.
    const room = this.#limit - this.#end;
    const wanted = Math.min(Math.max(size, leastGrowth, this.#end / 2), room);
    for (const bytes of [Math.max(wanted, size), size]) {
      const pages = Math.ceil(bytes / pageBytes);
      if (pages * pageBytes > room) continue;
      try {
        this.wasm.grow(pages);
      } catch {
        continue;
      }
      this.#free.add(this.#end, pages * pageBytes);
      this.#end += pages * pageBytes;
      const pointer = this.#free.take(size);
      if (pointer !== undefined) return pointer;
    }
    throw new UserError('engineMemory', { needed: size, limit: this.#limit });
  }
}
