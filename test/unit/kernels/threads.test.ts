import assert from 'node:assert/strict';
import { test } from 'node:test';
import { trainingSession } from '../../../extension/engine/trainingSession.ts';
import type { KernelBuild } from '../../../extension/engine/wasm/binary.ts';
import { wasmEngine } from '../../../extension/engine/wasm/engine.ts';
import { runtime } from '../../../extension/engine/wasm/runtime.ts';
import { prune } from '../../support/engineTable.ts';
import { Sketch, type TrainingCase } from '../../support/trainingGraphs.ts';

/** Large enough that every kernel is divided among the threads, and nowhere a multiple of their number. */
function tagger(share: number): TrainingCase {
  const [batch, steps, width, hidden, classes] = [13, 11, 30, 41, 301];
  const sketch = new Sketch();
  const table = sketch.parameter('table', [307, width]);
  sketch.nodes.push({ op: 'Gather', inputs: ['ids'], outputs: ['x'], origin: 'embedding', table });
  sketch.recurrent('LSTM', [width, hidden], { inputs: ['x'], outputs: ['first', 'lastFirst'] });
  const node = { inputs: ['first'], outputs: ['second', 'lastSecond'], reverse: true };
  sketch.recurrent('GRU', [hidden, hidden], node, 2);
  sketch.dense('second', 'logits', [hidden, classes]);
  const loss = { name: 'sparse_categorical_crossentropy', head: 'softmax', fromLogits: true } as const;
  const one = sketch.case('tagger', 'logits', { ...loss, width: classes }, [
    ['ids', sketch.classes(307, batch, steps)],
    ['targets', sketch.classes(classes, batch, steps)],
  ]);
  prune(one, share);
  return one;
}

/** Losses and weights of three steps, and how many tasks were divided. */
async function train(share: number, build: KernelBuild, threads: number) {
  const one = tagger(share);
  const adam = { name: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-7 } as const;
  const session = await trainingSession(one.graph, await wasmEngine({ build, threads }), adam, []);
  const { pool } = runtime();
  const before = pool.divided;
  const losses: number[] = [];
  for (let i = 0; i < 3; i++) {
    const step = { learningRate: 0.01, clipNorm: 0.5, l2: 1e-4 };
    losses.push((await session.step({ inputs: one.inputs, dropoutSeed: i }, step)).loss);
  }
  const { tensors } = await session.state();
  const divided = pool.divided - before;
  await session.dispose();
  return { losses, tensors, divided };
}

for (const build of ['relaxed', 'simd'] as const) {
  for (const share of [0, 0.8]) {
    test(`training is bit for bit the same on any number of threads, ${build}, pruned ${share}`, async () => {
      const alone = await train(share, build, 1);
      assert.ok(alone.losses[2] < alone.losses[0]);
      for (const threads of [2, 3]) {
        const { losses, tensors, divided } = await train(share, build, threads);
        assert.ok(divided > 20, `${divided} tasks were divided`);
        assert.deepEqual(losses, alone.losses);
        assert.deepEqual(tensors, alone.tensors);
      }
    });
  }
}
