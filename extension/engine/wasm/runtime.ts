import { type KernelBuild, kernelModule } from './binary.ts';
import { heapBase } from './control.ts';
import { Memory } from './memory.ts';
import { leastShared, Pool } from './pool.ts';

/** What the kernels compute with: one memory and its threads. */
export interface Runtime {
  readonly build: KernelBuild;
  readonly memory: Memory;
  readonly pool: Pool;
}

export interface RuntimeOptions {
  /** Threads that compute, the calling one among them; default 1. */
  readonly threads?: number;
  /** Default: the fastest that this machine's engine accepts. */
  readonly build?: KernelBuild;
  /** Bytes that the memory may grow to; default 4 GiB less a page. */
  readonly limit?: number;
  /** Floating-point operations of the smallest task that is divided among the threads; tests divide all of them. */
  readonly leastShared?: number;
}

let current: Runtime | undefined;
let users = 0;
/** Acquiring and releasing wait for each other. */
let turn: Promise<unknown> = Promise.resolve();

/**
 * Starts the threads, or takes part in the runtime that is there; its options are those of whoever came first. Every
 * call needs one of `releaseRuntime`.
 */
export function acquireRuntime(options: RuntimeOptions = {}): Promise<Runtime> {
  return inTurn(async () => {
    if (!current) {
      const { threads = 1, build, limit, leastShared: leastWork = leastShared } = options;
      const kernels = await kernelModule(build);
      const memory = new Memory(heapBase, limit);
      const pool = await Pool.start(kernels.module, memory.wasm, threads, leastWork);
      current = { build: kernels.build, memory, pool };
    }
    users++;
    return current;
  });
}

/** With the last user the threads end and the memory is dropped, whatever is still allocated in it. */
export function releaseRuntime(): Promise<void> {
  return inTurn(async () => {
    if (users === 0) throw new Error('the runtime was released more often than acquired');
    if (--users > 0) return;
    const ending = current;
    current = undefined;
    await ending?.pool.end();
  });
}

/** The runtime that operators compute with. */
export function runtime(): Runtime {
  if (!current) throw new Error('the WebAssembly engine has not been started');
  return current;
}

function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const result = turn.then(work);
  turn = result.catch(() => {});
  return result;
}
