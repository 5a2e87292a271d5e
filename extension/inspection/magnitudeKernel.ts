import { kernelModule } from '../engine/wasm/binary.ts';
import { heapBase, instantiate, type Kernels } from '../engine/wasm/control.ts';
import { Memory } from '../engine/wasm/memory.ts';

/** Values that are looked at together: few enough to stay in a core's cache, many enough that reading them is one task. */
const blockSize = 256 * 1024;

/** What magnitudes of values have in common; `largest` as bits without the sign. */
export interface MagnitudeSums {
  sum: number;
  zeros: number;
  largest: number;
}

/** Runs of values in a block: from value `start` on, `length` each, `stride` from one to the next. */
export interface Stretch {
  readonly start: number;
  readonly runs: number;
  readonly length: number;
  readonly stride: number;
}

/** Adds up and sorts out magnitudes of the values in its blocks, four at a time (kernels/magnitudes.ts). */
export class MagnitudeKernel {
  /** Two, so that one can be filled while the other is looked at. */
  readonly blocks: readonly [Float32Array, Float32Array];
  /** For values that do not lie next to each other. */
  readonly scratch: Float32Array;
  readonly #kernels: Kernels;
  readonly #sums: DataView;
  readonly #between: Int32Array;

  private constructor(kernels: Kernels, memory: Memory) {
    const block = () => memory.floats(memory.allocate(4 * blockSize), blockSize);
    this.#kernels = kernels;
    this.blocks = [block(), block()];
    this.scratch = block();
    this.#between = memory.integers(memory.allocate(4 * blockSize), blockSize);
    this.#sums = new DataView(memory.wasm.buffer, memory.allocate(16), 16);
  }

  static async load(): Promise<MagnitudeKernel> {
    const { module } = await kernelModule();
    const memory = new Memory(heapBase);
    return new MagnitudeKernel(instantiate(module, memory.wasm), memory);
  }

  /** Adds the magnitudes of a stretch to sums. */
  add(values: Float32Array, { start, runs, length, stride }: Stretch, to: MagnitudeSums): void {
    const sums = this.#sums;
    sums.setFloat64(0, to.sum, true);
    sums.setInt32(8, to.zeros, true);
    sums.setInt32(12, to.largest, true);
    this.#kernels.magnitudes(values.byteOffset + 4 * start, runs, length, 4 * stride, sums.byteOffset);
    to.sum = sums.getFloat64(0, true);
    to.zeros = sums.getInt32(8, true);
    to.largest = sums.getInt32(12, true);
  }

  /**
   * How many magnitudes of a stretch have bits below `from`, and the bits of those from there to below `to`, which hold until the next
   * call.
   * @param from above 0
   */
  sortOut(
    values: Float32Array,
    { start, runs, length, stride }: Stretch,
    from: number,
    to: number,
  ): { readonly below: number; readonly between: Int32Array } {
    const at = this.#between.byteOffset;
    const sums = this.#sums;
    sums.setInt32(0, 0, true);
    const first = values.byteOffset + 4 * start;
    const end = this.#kernels.sortOut(first, runs, length, 4 * stride, from, to, sums.byteOffset, at);
    return { below: sums.getInt32(0, true), between: this.#between.subarray(0, (end - at) / 4) };
  }
}
