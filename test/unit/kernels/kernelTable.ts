import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { KernelBuild } from '../../../extension/engine/wasm/binary.ts';
import { acquireRuntime, type Runtime, releaseRuntime } from '../../../extension/engine/wasm/runtime.ts';

/** A kernel with its arguments, held against a reference. */
export interface KernelCase {
  readonly name: string;
  /** Puts arguments into memory, runs the kernel and returns what it wrote. */
  compute(bench: Bench): Float32Array;
  /** What the reference gives. */
  readonly expected: () => Float32Array;
  /** Largest difference, as a share of the largest value, or of `scale` where that is larger. */
  readonly tolerance: number;
  readonly scale?: number;
}

/** The kernels' memory and threads, for one case. */
export class Bench {
  readonly #runtime: Runtime;
  readonly #blocks: number[] = [];

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /** Address of a copy. */
  put(values: Float32Array | Int32Array | Uint8Array): number {
    const pointer = this.room(values.length);
    const { memory } = this.#runtime;
    if (values instanceof Float32Array) memory.floats(pointer, values.length).set(values);
    else if (values instanceof Int32Array) memory.integers(pointer, values.length).set(values);
    else memory.bytes(pointer, values.length).set(values);
    return pointer;
  }

  /** Address of so many float64 or fewer bytes, full of NaN. */
  room(length: number): number {
    const { memory } = this.#runtime;
    const pointer = memory.allocate(length * 8);
    memory.floats(pointer, length * 2).fill(Number.NaN);
    this.#blocks.push(pointer);
    return pointer;
  }

  /** On all threads, however little there is to do. */
  run(name: string, ...values: number[]): void {
    this.#runtime.pool.run(name, values, Number.POSITIVE_INFINITY);
  }

  floats(pointer: number, length: number): Float32Array {
    return this.#runtime.memory.floats(pointer, length).slice();
  }

  doubles(pointer: number, length: number): Float64Array {
    return this.#runtime.memory.doubles(pointer, length).slice();
  }

  free(): void {
    for (const pointer of this.#blocks) this.#runtime.memory.free(pointer);
  }
}

const builds: KernelBuild[] = ['relaxed', 'simd'];

/** Runs every case in both builds with one, two and three threads. */
export function kernelTable(title: string, cases: readonly KernelCase[]): void {
  for (const build of builds) {
    const alone: Float32Array[] = [];
    for (const threads of [1, 2, 3]) {
      describe(`${title}, ${build}, threads: ${threads}`, () => {
        let runtime: Runtime;
        before(async () => {
          runtime = await acquireRuntime({ build, threads });
        });
        after(releaseRuntime);
        for (const [i, { name, compute, expected, tolerance, scale }] of cases.entries()) {
          test(name, () => {
            const bench = new Bench(runtime);
            const found = compute(bench);
            bench.free();
            assert.equal(runtime.memory.liveBlocks, 0);
            assertClose(found, expected(), tolerance, scale);
            if (threads === 1) alone[i] = found;
            // Bit for bit, and NaN is NaN.
            else assert.deepEqual(found, alone[i]);
          });
        }
      });
    }
  }
}

function assertClose(found: Float32Array, expected: Float32Array, tolerance: number, scale = 1e-30): void {
  assert.equal(found.length, expected.length);
  let largest = scale;
  for (const value of expected) if (Number.isFinite(value)) largest = Math.max(largest, Math.abs(value));
  for (const [i, value] of expected.entries()) {
    if (Object.is(found[i], value)) continue;
    const off = Math.abs(found[i] - value) / largest;
    assert.ok(off <= tolerance, `value ${i} is ${found[i]}, expected ${value}`);
  }
}

/** Numbers between −1 and 1. */
export function randomFloats(length: number, next: () => number): Float32Array {
  return Float32Array.from({ length }, () => 2 * next() - 1);
}
