import { kernelModule } from '../engine/wasm/binary.ts';
import { heapBase, instantiate, type Kernels } from '../engine/wasm/control.ts';
import { Memory } from '../engine/wasm/memory.ts';

/** Values that are looked at together: few enough to stay in a processor's cache, many enough that reading them is one task. */
const blockSize = 256 * 1024;
/** One is looked at while the others are read: so many that a read which takes longer than the others is not waited for. */
const blockCount = 5;

/** Magnitudes from the one with the bits `from`, above 0, to below that with the bits `to`. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** Where nothing is sorted out. */
export const noRange: Range = { from: 0, to: 0 };

/** What magnitudes of values have in common; `largest` as bits without the sign, `below` counts those below a range. */
export interface MagnitudeSums {
  sum: number;
  zeros: number;
  largest: number;
  below: number;
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
  readonly blocks: readonly Float32Array[];
  /** For values that do not lie next to each other. */
  readonly scratch: Float32Array;
  readonly #kernels: Kernels;
  readonly #sums: DataView;
  readonly #between: Float32Array;

  private constructor(kernels: Kernels, memory: Memory) {
    const block = () => memory.floats(memory.allocate(4 * blockSize), blockSize);
    this.#kernels = kernels;
    this.blocks = Array.from({ length: blockCount }, block);
    this.scratch = block();
    this.#between = block();
    this.#sums = new DataView(memory.wasm.buffer, memory.allocate(20), 20);
  }

  static async load(): Promise<MagnitudeKernel> {
    const { module } = await kernelModule();
    const memory = new Memory(heapBase);
    return new MagnitudeKernel(instantiate(module, memory.wasm), memory);
  }

  /** Adds the magnitudes of a stretch to sums; gives those in a range, which hold until the next call. */
  add(
    values: Float32Array,
    { start, runs, length, stride }: Stretch,
    { from, to }: Range,
    sums: MagnitudeSums,
  ): Float32Array {
    const view = this.#sums;
    view.setFloat64(0, sums.sum, true);
    view.setInt32(8, sums.zeros, true);
    view.setInt32(12, sums.largest, true);
    view.setInt32(16, sums.below, true);
    const [first, at] = [values.byteOffset + 4 * start, this.#between.byteOffset];
    const end = this.#kernels.magnitudes(first, runs, length, 4 * stride, from, to, view.byteOffset, at);
    sums.sum = view.getFloat64(0, true);
    sums.zeros = view.getInt32(8, true);
    sums.largest = view.getInt32(12, true);
    sums.below = view.getInt32(16, true);
    return this.#between.subarray(0, (end - at) / 4);
  }
}
