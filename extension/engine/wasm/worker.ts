import { type MessagePort, workerData } from 'node:worker_threads';
import { control, instantiate, kernelNames } from './control.ts';

/** What a worker thread is started with. */
export interface WorkerSetup {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** 1…; 0 is the calling thread. */
  readonly thread: number;
  readonly threads: number;
  /** Tells 'ready', then why a task failed. */
  readonly port: MessagePort;
}

// Serves tasks until the thread is terminated. It waits inside WebAssembly, so its event loop never turns.
const { module, memory, thread, threads, port } = workerData as WorkerSetup;
const kernels = instantiate(module, memory);
const functions = kernelNames(module).map((name) => kernels[name]);
const words = new Int32Array(memory.buffer, 0, control.arguments / 4);
const values = new Float64Array(memory.buffer, control.arguments);
let task = kernels.latestTask();
port.postMessage('ready');
for (;;) {
  task = kernels.awaitTask(task);
  try {
    const run = functions[words[control.operation / 4]];
    run(...values.subarray(0, words[control.argumentCount / 4]), thread, threads);
  } catch (error) {
    port.postMessage(error instanceof Error ? error.message : String(error));
    kernels.fail();
  }
  kernels.finishTask();
}
