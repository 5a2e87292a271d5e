import assert from 'node:assert/strict';
import { test } from 'node:test';
import { trainingSession } from '../../../extension/engine/trainingSession.ts';
import type { KernelBuild } from '../../../extension/engine/wasm/binary.ts';
import { wasmEngine } from '../../../extension/engine/wasm/engine.ts';
import type { Pool } from '../../../extension/engine/wasm/pool.ts';
import { runtime } from '../../../extension/engine/wasm/runtime.ts';
import { prune } from '../../support/engineTable.ts';
import { Sketch, type TrainingCase } from '../../support/trainingGraphs.ts';

/** Nowhere a multiple of the threads' number. */
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

/** Losses and weights of three steps, and the kernels that computed them. */
async function train(share: number, build: KernelBuild, threads: number) {
  const one = tagger(share);
  const adam = { name: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-7 } as const;
  const engine = await wasmEngine({ build, threads, leastShared: 0 });
  const session = await trainingSession(one.graph, engine, adam, []);
  const kernels = kernelsThatRun(runtime().pool);
  const losses: number[] = [];
  for (let i = 0; i < 3; i++) {
    const step = { learningRate: 0.01, clipNorm: 0.5, l2: 1e-4 };
    losses.push((await session.step({ inputs: one.inputs, dropoutSeed: i }, step)).loss);
  }
  const { tensors } = await session.state();
  await session.dispose();
  return { losses, tensors, kernels: [...kernels].sort() };
}

/** Names of the tasks from here on; with nothing too small all of them are divided. */
function kernelsThatRun(pool: Pool): ReadonlySet<string> {
  const names = new Set<string>();
  const run = pool.run.bind(pool);
  pool.run = (name, values, work) => {
    names.add(name);
    run(name, values, work);
  };
  return names;
}

const always = [
  'adam',
  'fromPanels',
  'gatherRows',
  'recurrentBackward',
  'recurrentForward',
  'recurrentGradient',
  'recurrentInputGradient',
  'recurrentRuns',
  'scatterRows',
  'softmaxCrossEntropy',
  'squares',
  'sumRows',
  'toPanels',
];
const dense = ['matMul', 'recurrentPack', 'recurrentPackTransposed'];
const sparse = ['sparseOuter', 'sparsePanels', 'sparsePermute'];

for (const build of ['relaxed', 'simd'] as const) {
  for (const share of [0, 0.8]) {
    test(`training is bit for bit the same on any number of threads, ${build}, pruned ${share}`, async () => {
      const alone = await train(share, build, 1);
      assert.ok(alone.losses[2] < alone.losses[0]);
      for (const threads of [2, 3]) {
        const { losses, tensors, kernels } = await train(share, build, threads);
        assert.deepEqual(kernels, [...always, ...(share === 0 ? dense : sparse)].sort());
        assert.deepEqual(losses, alone.losses);
        assert.deepEqual(tensors, alone.tensors);
      }
    });
  }
}
