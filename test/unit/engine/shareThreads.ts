import { after, before } from 'node:test';
import { acquireRuntime, releaseRuntime } from '../../../extension/engine/wasm/runtime.ts';

/** The sessions of a test file share the threads, which need not be started for each. */
export function shareThreads(): void {
  before(async () => {
    await acquireRuntime({ threads: 2 });
  });
  after(releaseRuntime);
}
