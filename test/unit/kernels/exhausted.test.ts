// Where the memory ends in the middle of something, nothing of that may stay in it.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import * as tf from '@tensorflow/tfjs-core';
import { trainingSession } from '../../../extension/engine/trainingSession.ts';
import { wasmEngine } from '../../../extension/engine/wasm/engine.ts';
import { acquireRuntime, type Runtime, releaseRuntime } from '../../../extension/engine/wasm/runtime.ts';
import { UserError } from '../../../extension/protocol/userError.ts';
import { prune } from '../../support/engineTable.ts';
import { type TrainingCase, trainingCases } from '../../support/trainingGraphs.ts';

describe('whichever block is one too many', () => {
  let runtime: Runtime;
  before(async () => {
    runtime = await acquireRuntime({ threads: 1 });
  });
  after(releaseRuntime);

  for (const [n, one] of trainingCases().entries()) {
    const share = n % 2 === 0 ? 0.8 : 0;
    test(`${one.name}, ${share} pruned: training, evaluating and other masks leave nothing`, async () => {
      const [tensors, bytes] = [tf.memory().numTensors, runtime.memory.liveBytes];
      let failures = 0;
      for (; await failsAt(failures, one, share); failures++) {
        assert.equal(runtime.memory.liveBytes, bytes, `after block ${failures}`);
        assert.equal(tf.memory().numTensors, tensors, `after block ${failures}`);
      }
      assert.ok(failures > 10);
    });
  }

  /** Whether it failed for want of memory, where the memory is full after so many blocks. */
  async function failsAt(blocks: number, one: TrainingCase, share: number): Promise<boolean> {
    const { graph, inputs } = one;
    prune(one, share);
    const { memory } = runtime;
    const { allocate } = memory;
    let taken = 0;
    memory.allocate = (bytes) => {
      if (taken++ >= blocks) throw new UserError('engineMemory', { needed: bytes, limit: bytes });
      return allocate.call(memory, bytes);
    };
    const engine = await wasmEngine();
    try {
      const adam = { name: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-7 } as const;
      const session = await trainingSession(graph, engine, adam, []);
      try {
        await session.step({ inputs, dropoutSeed: 1 }, { learningRate: 0.01, clipNorm: 0.1 });
        await session.gradients({ inputs });
        await session.observe(inputs, ['loss']);
        prune(one, share === 0 ? 0.8 : 0, 4);
        await session.remask();
        await session.denseGradients({ inputs });
        await session.refresh(one.parameters);
      } finally {
        await session.dispose();
      }
      return false;
    } catch (error) {
      if (error instanceof UserError && error.info.code === 'engineMemory') return true;
      throw error;
    } finally {
      memory.allocate = allocate;
      await engine.dispose();
    }
  }
});
