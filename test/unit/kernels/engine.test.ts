import { after, before, describe } from 'node:test';
import { cpuEngine } from '../../../extension/engine/cpu/engine.ts';
import { wasmEngine } from '../../../extension/engine/wasm/engine.ts';
import { acquireRuntime, releaseRuntime } from '../../../extension/engine/wasm/runtime.ts';
import { engineTable } from '../../support/engineTable.ts';

for (const [build, threads] of [
  ['relaxed', 1],
  ['relaxed', 3],
  ['simd', 2],
] as const) {
  describe(`the WebAssembly engine, ${build}, threads: ${threads}`, () => {
    // The engines share it, so that threads need not be started for each.
    before(async () => {
      await acquireRuntime({ build, threads });
    });
    after(releaseRuntime);
    engineTable(
      () => wasmEngine({ build, threads }),
      async () => cpuEngine,
    );
  });
}
