/*
 * The first page of the memory, through which the threads meet. The words up to `spins` are those of
 * kernels/control.ts; the others only JavaScript reads.
 */

/** Byte addresses. */
export const control = {
  /** How often a waiting thread reads a word before it goes to sleep. */
  spins: 384,
  /** Which of the module's functions, in `kernelNames`' order, to call. */
  operation: 448,
  argumentCount: 452,
  /** Arguments of the call, each a float64. */
  arguments: 512,
} as const;

export const maximalArguments = 64;

/** Statics of the kernels begin behind the first page; tensors behind the second. */
export const heapBase = 2 * 65536;

/** What the threads call, numbered alike in all of them. */
export function kernelNames(module: WebAssembly.Module): string[] {
  return WebAssembly.Module.exports(module)
    .filter(({ kind }) => kind === 'function')
    .map(({ name }) => name)
    .sort();
}

/** A function of the kernels; addresses and integers are converted to i32, as the module declares them. */
export type KernelFunction = (...values: number[]) => number;
export type Kernels = Readonly<Record<string, KernelFunction>>;

/** The functions of a new instance over the shared memory; they keep nothing outside of it. */
export function instantiate(module: WebAssembly.Module, memory: WebAssembly.Memory): Kernels {
  return new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Kernels;
}
