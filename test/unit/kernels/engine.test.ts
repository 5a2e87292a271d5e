import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { cpuEngine } from '../../../extension/engine/cpu/engine.ts';
import { trainingSession } from '../../../extension/engine/trainingSession.ts';
import { wasmEngine } from '../../../extension/engine/wasm/engine.ts';
import { acquireRuntime, releaseRuntime, runtime } from '../../../extension/engine/wasm/runtime.ts';
import { optimizerDefaults } from '../../../extension/model/optimizer.ts';
import { engineTable } from '../../support/engineTable.ts';
import { lossTable } from '../../support/lossTable.ts';
import { changeMasks, remaskTable } from '../../support/remaskTable.ts';
import { scheduleTable } from '../../support/scheduleTable.ts';
import { type TrainingCase, trainingCases } from '../../support/trainingGraphs.ts';

const { adam } = optimizerDefaults;

for (const [build, threads] of [
  ['relaxed', 1],
  ['relaxed', 3],
  ['simd', 2],
] as const) {
  describe(`the WebAssembly engine, ${build}, threads: ${threads}`, () => {
    // The engines share it, so that threads need not be started for each.
    before(async () => {
      await acquireRuntime({ build, threads, leastShared: 0 });
    });
    after(releaseRuntime);
    engineTable(
      () => wasmEngine({ build, threads }),
      async () => cpuEngine,
    );
    remaskTable(() => wasmEngine({ build, threads }));
    lossTable(() => wasmEngine({ build, threads }));
    if (threads === 1) scheduleTable(() => wasmEngine({ build, threads }));

    test('a hundred steps leave not a byte in the kernels’ memory', async () => {
      const one = trainingCases().find(({ name }) => name.startsWith('embedding')) as TrainingCase;
      const { memory } = runtime();
      const session = await trainingSession(one.graph, await wasmEngine({ build, threads }), adam, []);
      const step = () => session.step({ inputs: one.inputs }, { learningRate: 0.01, clipNorm: 1 });
      await step();
      const { liveBytes } = memory;
      for (let i = 0; i < 100; i++) await step();
      assert.equal(memory.liveBytes, liveBytes);
      await session.dispose();
      assert.equal(memory.liveBytes, 0);
    });

    test('nor do a hundred changes of masks', async () => {
      const [one] = trainingCases();
      const { memory } = runtime();
      const session = await trainingSession(one.graph, await wasmEngine({ build, threads }), adam, []);
      await changeMasks(session, one, 2);
      const { liveBytes } = memory;
      for (let n = 0; n < 100; n++) await changeMasks(session, one, n);
      await changeMasks(session, one, 2);
      assert.equal(memory.liveBytes, liveBytes);
      await session.dispose();
      assert.equal(memory.liveBytes, 0);
    });
  });
}
