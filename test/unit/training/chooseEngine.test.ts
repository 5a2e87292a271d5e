// The choice between engines, up to where TensorFlow itself would be needed: the interoperation tests have that.
import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { runtime } from '../../../extension/engine/wasm/runtime.ts';
import type { Graph } from '../../../extension/model/graph.ts';
import { fill } from '../../../extension/protocol/labels.ts';
import { word } from '../../../extension/protocol/wording.ts';
import { withPlan } from '../../../extension/pruning/masks.ts';
import { planOf } from '../../../extension/pruning/plan.ts';
import { chooseEngine } from '../../../extension/training/chooseEngine.ts';
import { memoryModel, memoryParameter } from '../../support/memoryModel.ts';
import { randomFloats, seeded } from '../../support/random.ts';
import { assertRefuses } from '../../support/throwsCode.ts';
import { learnable } from './learnable.ts';

const nowhere = join(tmpdir(), 'no such folder');
const options = { threads: 1, tensorflow: nowhere };

/** A model that takes sequences of any length, with a class a step, and samples of this length. */
function stepwise(steps: number) {
  const { graph, samples } = learnable({ samples: 6, steps });
  const [lstm] = graph.nodes;
  const weight = memoryParameter('kernel', [6, 4], randomFloats(24, seeded(1)));
  return {
    graph: {
      inputs: [{ ...graph.inputs[0], shape: [null, null, 2] }],
      nodes: [lstm, { op: 'MatMul', weight, inputs: ['all'], outputs: ['z'], origin: 'dense' }],
      outputs: [{ name: 'z' }],
    } satisfies Graph,
    loss: { name: 'sparse_categorical_crossentropy', head: 'linear', width: 4, fromLogits: true },
    samples: { ...samples, targets: { shape: [6, steps], data: new Int32Array(6 * steps).fill(3) } },
  } as const;
}

for (const steps of [5, 32, 100]) {
  test(`engines are compared on sequences as long as the samples, ${steps} steps`, async () => {
    const { graph, loss, samples } = stepwise(steps);
    for (const trains of [true, false]) {
      const use = { samples: { samples, loss }, batch: 4, trains };
      const { options: chosen, notes } = await chooseEngine(graph, options, use);
      assert.equal(chosen.engine, 'wasm');
      assert.deepEqual(
        notes.map(({ code }) => code),
        ['noteEngineLeftOut'],
      );
    }
  });
}

test('without targets engines are compared by a training all the same, and nothing stays in memory', async () => {
  const { graph, samples } = stepwise(7);
  const { targets, ...bare } = samples;
  let trained = 0;
  const masked = async <T>(work: () => Promise<T>) => {
    trained++;
    return work();
  };
  const use = { samples: { samples: bare }, batch: 4, trains: true, masked };
  const { options: chosen, notes } = await chooseEngine(graph, options, use);
  // A batch that did not fit its graph would leave both engines out.
  assert.deepEqual([chosen.engine, trained, notes.length], ['wasm', 1, 1]);
  assert.throws(runtime, /has not been started/);
});

test('engines are compared with the masks that training will hold, and only then', async () => {
  const { graph, loss, samples, layer } = learnable();
  const { kernel } = layer;
  const plan = planOf({ sparsity: 0.75 }, memoryModel([layer]));
  const kept: (number | undefined)[] = [];
  const { read } = kernel;
  kernel.read = () => {
    kept.push(kernel.mask?.reduce((sum, flag) => sum + flag, 0));
    return read();
  };
  const masked = <T>(work: () => Promise<T>) => withPlan(plan, { file: 'model' }, work);
  await chooseEngine(graph, options, { samples: { samples, loss }, batch: undefined, trains: true, masked });
  // The plan read it without a mask, the first engine with it.
  assert.equal(kept[0], undefined);
  assert.ok(Number(kept.at(-1)) < 0.5 * kernel.values.length);
  assert.equal(kernel.mask, undefined);
  const never = () => assert.fail('nothing is trained');
  await chooseEngine(graph, options, {
    samples: { samples, loss },
    batch: undefined,
    trains: false,
    masked: never,
  });
});

test('why an engine is left out is told, not what to do about it', async () => {
  const { graph } = learnable();
  const { notes } = await chooseEngine(graph, options);
  const [sentence] = notes.map((note) => word(note, fill));
  assert.match(sentence, /^The TensorFlow engine could not be used here: .*@tensorflow\/tfjs/);
  assert.doesNotMatch(sentence, /[{}]|undefined|Install it again|\.\.$/);
});

test('where no engine can compute the model, that is why', async () => {
  const { graph } = learnable();
  const wrong = { inputs: ['x'] };
  const nodes = graph.nodes.map((node) => (node.op === 'MatMul' ? { ...node, ...wrong } : node));
  await assertRefuses(() => chooseEngine({ ...graph, nodes }, options), 'graphUnsupported');
});

test('what was begun by an engine is gone on with by it, and nothing is timed', async () => {
  const { graph, loss, samples } = learnable();
  const use = { samples: { samples, loss }, batch: undefined, trains: true };
  for (const [begun, engine] of [
    ['TensorFlow 2.9.1 (tfjs-node 4.22.0)', 'tensorflow'],
    ['WebAssembly, 2 threads', 'wasm'],
    ['TensorFlow.js 4.22.0 cpu', 'wasm'],
  ]) {
    const settled = await chooseEngine(graph, options, { ...use, begun });
    assert.deepEqual(settled, { options: { ...options, engine }, notes: [] });
    // An engine that was asked for stays.
    const asked = await chooseEngine(graph, { ...options, engine: 'wasm' }, { ...use, begun });
    assert.equal(asked.options.engine, 'wasm');
  }
});
