import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { UserError } from '../../protocol/userError.ts';
import { workerFile } from './binary.ts';
import { control, instantiate, type Kernels, kernelNames, maximalArguments } from './control.ts';
import type { WorkerSetup } from './worker.ts';

/** A task of fewer floating-point operations is over before the other threads have woken. */
export const leastShared = 200_000;
/**
 * Before it sleeps a waiting thread looks so long, milliseconds, whether it may go on: longer than waking another one
 * takes, or two threads that meet often would wake each other in turn for ever.
 */
const patience = 0.05;

/** The calling thread and its workers, which run a kernel together, each its share of the outputs. */
export class Pool {
  readonly threads: number;
  readonly #leastShared: number;
  readonly #kernels: Kernels;
  readonly #numbers: ReadonlyMap<string, number>;
  readonly #words: Int32Array;
  readonly #values: Float64Array;
  readonly #workers: readonly { readonly worker: Worker; readonly port: MessagePort }[];
  /** Why nothing can be computed any more. */
  #lost: string | undefined;
  #ending = false;

  private constructor(
    module: WebAssembly.Module,
    memory: WebAssembly.Memory,
    threads: number,
    leastWork: number,
  ) {
    this.threads = threads;
    this.#leastShared = leastWork;
    this.#kernels = instantiate(module, memory);
    this.#numbers = new Map(kernelNames(module).map((name, i) => [name, i]));
    this.#words = new Int32Array(memory.buffer, 0, control.arguments / 4);
    this.#values = new Float64Array(memory.buffer, control.arguments, maximalArguments);
    this.#words[control.spins / 4] = this.#spins();
    this.#workers = Array.from({ length: threads - 1 }, (_, i) => {
      const { port1, port2 } = new MessageChannel();
      const setup: WorkerSetup = { module, memory, thread: i + 1, threads, port: port2 };
      const options = { workerData: setup, transferList: [port2], execArgv: [], name: 'lstm-pruner kernels' };
      return { worker: new Worker(workerFile(), options), port: port1 };
    });
  }

  /** How often a word is read within the patience; not once where threads wait for each other's cores. */
  #spins(): number {
    if (this.threads > availableParallelism()) return 0;
    const tried = 20_000;
    this.#words[control.spins / 4] = tried;
    let fastest = Number.POSITIVE_INFINITY;
    for (let i = 0; i < 10; i++) {
      const start = performance.now();
      this.#kernels.spin();
      fastest = Math.min(fastest, performance.now() - start);
    }
    return Math.ceil((patience / fastest) * tried);
  }

  /**
   * Starts the workers; resolves when all of them wait for work.
   * @param leastWork floating-point operations of the smallest task that is divided
   */
  static async start(
    module: WebAssembly.Module,
    memory: WebAssembly.Memory,
    threads: number,
    leastWork: number,
  ): Promise<Pool> {
    const pool = new Pool(module, memory, threads, leastWork);
    try {
      await Promise.all(pool.#workers.map(({ worker, port }) => pool.#ready(worker, port)));
    } catch (error) {
      await pool.end();
      throw error;
    }
    return pool;
  }

  async #ready(worker: Worker, port: MessagePort): Promise<void> {
    worker.on('error', (error) => this.#lose(error.message));
    worker.on('exit', () => this.#lose('a thread ended'));
    // `once` rejects with the thread's own error where there is one.
    const gone = once(worker, 'exit')
      .catch(() => {})
      .then(() => {
        throw new UserError('engineThread', { reason: this.#lost ?? 'a thread ended' });
      });
    await Promise.race([once(port, 'message'), gone]);
    // From here on the port is read when a task has failed. Neither keeps the process alive.
    gone.catch(() => {});
    port.removeAllListeners('message');
    port.unref();
    worker.unref();
  }

  #lose(reason: string): void {
    if (!this.#ending) this.#lost ??= reason;
  }

  /** The threads beside the calling one. */
  get workers(): Worker[] {
    return this.#workers.map(({ worker }) => worker);
  }

  /** Calls a kernel on the calling thread alone. */
  call(name: string, ...values: number[]): number {
    return this.#kernels[name](...values);
  }

  /**
   * Calls `name(...values, thread, threads)` on every thread and returns when all have finished.
   * @param work floating-point operations, roughly; little work is done by the calling thread alone
   * @throws {UserError} engineThread where a thread has failed or is lost
   */
  run(name: string, values: readonly number[], work: number): void {
    if (this.#lost !== undefined) throw new UserError('engineThread', { reason: this.#lost });
    const own = this.#kernels[name];
    if (this.threads === 1 || work < this.#leastShared) {
      own(...values, 0, 1);
      return;
    }
    this.#words[control.operation / 4] = this.#numbers.get(name) as number;
    this.#words[control.argumentCount / 4] = values.length;
    this.#values.set(values);
    const workers = this.threads - 1;
    this.#kernels.publishTask(workers);
    const start = performance.now();
    let failure: unknown;
    try {
      own(...values, 0, this.threads);
    } catch (error) {
      failure = error;
      this.#kernels.fail();
    }
    // A share is about as large as any other. The machine may have been busy, but not forever.
    const glances = 600 + (performance.now() - start) / 5;
    if (this.#kernels.awaitWorkers(glances) === 0) {
      this.#lost = 'a thread does not answer';
      throw new UserError('engineThread', { reason: this.#lost });
    }
    if (this.#kernels.hasFailed() !== 0) this.#recover(failure);
  }

  /** All threads are idle again; says why the first of them failed. */
  #recover(failure: unknown): never {
    this.#kernels.resetBarrier();
    const reasons = this.#workers.map(
      ({ port }) => receiveMessageOnPort(port)?.message as string | undefined,
    );
    const own = failure instanceof Error ? failure.message : undefined;
    // Who waited at the barrier trapped because another did.
    const reason = [own, ...reasons].find((text) => text !== undefined) ?? 'unknown';
    throw new UserError('engineThread', { reason });
  }

  /** Ends the workers. */
  async end(): Promise<void> {
    this.#ending = true;
    this.#lost ??= 'the engine has ended';
    await Promise.all(this.#workers.map(({ worker }) => worker.terminate()));
    for (const { port } of this.#workers) port.close();
  }
}
