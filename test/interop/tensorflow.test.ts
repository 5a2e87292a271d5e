// TensorFlow as an engine, in a build on the TensorFlow that Keras runs on.
import assert from 'node:assert/strict';
import { cp, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import * as tf from '@tensorflow/tfjs-core';
import { cpuEngine } from '../../extension/engine/cpu/engine.ts';
import { tensorflowEngine } from '../../extension/engine/tensorflow/engine.ts';
import type { NativeBackend } from '../../extension/engine/tensorflow/native.ts';
import { trainingSession } from '../../extension/engine/trainingSession.ts';
import type { RecurrentNode } from '../../extension/model/graph.ts';
import { setupTensorflow } from '../../scripts/setupTensorflow.mjs';
import { engineTable, prune } from '../support/engineTable.ts';
import { lossTable } from '../support/lossTable.ts';
import { memoryLayer } from '../support/memoryModel.ts';
import { seeded } from '../support/random.ts';
import { remaskTable } from '../support/remaskTable.ts';
import { scheduleTable } from '../support/scheduleTable.ts';
import { assertRefuses } from '../support/throwsCode.ts';
import { trainingCases } from '../support/trainingGraphs.ts';
import { repository, runCliJson, scratchFolder } from './environment.ts';

const folder = await setupTensorflow();

engineTable(
  () => tensorflowEngine(folder),
  async () => cpuEngine,
);
remaskTable(() => tensorflowEngine(folder));
lossTable(() => tensorflowEngine(folder));
scheduleTable(() => tensorflowEngine(folder));

const sizes = { inputSize: 5, hiddenSize: 3 };
const plainLstm: RecurrentNode = {
  op: 'LSTM',
  layer: memoryLayer(sizes, seeded(1)),
  gateActivation: { op: 'Sigmoid' },
  activation: { op: 'Tanh' },
  inputs: ['x'],
  outputs: ['all', 'last'],
  origin: 'layer',
};

test("the engine's name says which TensorFlow runs", async () => {
  const { name } = await tensorflowEngine(folder);
  assert.match(name, /^TensorFlow \d+\.\d+\.\d+ \(tfjs-node 4\.22\.0\)$/);
});

test("a plain LSTM runs in TensorFlow's own operations, others as on any backend", async () => {
  const { operator } = await tensorflowEngine(folder);
  assert.ok(operator(plainLstm));
  assert.ok(operator({ ...plainLstm, reverse: true, dropout: 0.5 }));
  assert.equal(operator({ ...plainLstm, mask: 'mask' }), undefined);
  assert.equal(operator({ ...plainLstm, gateActivation: { op: 'HardSigmoid' } }), undefined);
  assert.equal(operator({ ...plainLstm, activation: { op: 'Relu' } }), undefined);
});

test('no tensor of TensorFlow itself is left behind, nor one that is only read', async () => {
  const [one] = trainingCases();
  prune(one, 0.5);
  const adam = { name: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-7 } as const;
  const engine = await tensorflowEngine(folder);
  const { binding } = tf.findBackend('tensorflow') as unknown as NativeBackend;
  const before = binding.getNumOfTensors();
  const training = await trainingSession(one.graph, engine, adam, []);
  const round = async () => {
    await training.step({ inputs: one.inputs }, { learningRate: 0.01, clipNorm: 0.1, l1: 1e-4, l2: 1e-4 });
    await training.gradients({ inputs: one.inputs });
    await training.forward(one.inputs.slice(0, -1));
    await training.restore(await training.state());
    await training.remask();
    await training.denseGradients({ inputs: one.inputs });
    await training.refresh(one.parameters);
  };
  await round();
  const during = binding.getNumOfTensors();
  for (let i = 0; i < 100; i++) await round();
  assert.equal(binding.getNumOfTensors(), during);
  await training.dispose();
  assert.equal(binding.getNumOfTensors(), before);
});

describe('a package that does not load is refused with the reason', () => {
  test('there is none', async () => {
    const nowhere = join(tmpdir(), 'no such folder');
    await assertRefuses(() => tensorflowEngine(nowhere), 'tensorflowNotLoaded', nowhere, '@tensorflow/tfjs');
  });

  test('it goes with another version of TensorFlow.js', async () => {
    const { folder: project, remove } = await scratchFolder();
    for (const name of ['tfjs', 'tfjs-core', 'tfjs-node']) {
      const own = join(project, 'node_modules/@tensorflow', name);
      await mkdir(own, { recursive: true });
      const manifest = { name: `@tensorflow/${name}`, version: '4.10.0' };
      await writeFile(join(own, 'package.json'), JSON.stringify(manifest));
    }
    const own = join(project, 'node_modules/@tensorflow/tfjs-node');
    await assertRefuses(() => tensorflowEngine(own), 'tensorflowNotLoaded', own, '4.10.0', tf.version_core);
    await remove();
  });

  test('its binding is missing', async () => {
    const { folder: project, remove } = await scratchFolder();
    const own = join(project, 'node_modules/@tensorflow/tfjs-node');
    // Everything but the folder lib, which the install script of the package fills.
    await cp(folder, own, { recursive: true, filter: (path) => path !== join(folder, 'lib') });
    const beside = join(folder, '..', '..');
    for (const name of await readdir(beside)) {
      if (!name.startsWith('.') && name !== '@tensorflow') {
        await symlink(join(beside, name), join(project, 'node_modules', name));
      }
    }
    for (const name of await readdir(join(beside, '@tensorflow'))) {
      if (name === 'tfjs-node') continue;
      await symlink(join(beside, '@tensorflow', name), join(project, 'node_modules/@tensorflow', name));
    }
    await assertRefuses(() => tensorflowEngine(own), 'tensorflowNotLoaded', own, 'tfjs_binding.node');
    await remove();
  });
});

test('the bundled command line computes with it, beside its own copy of TensorFlow.js', async () => {
  const example = join(repository, 'examples/reber/reber');
  const evaluate = (engine: string) =>
    runCliJson<{ loss: number; engine: string }>([
      ...['evaluate', `${example}.keras`, '--data', `${example}.npz`, '--engine', engine],
    ]);
  process.env.LSTM_PRUNER_TENSORFLOW = folder;
  const found = await evaluate('tensorflow');
  const expected = await evaluate('wasm');
  assert.match(found.engine, /^TensorFlow /);
  assert.match(expected.engine, /^WebAssembly/);
  assert.ok(Math.abs(found.loss - expected.loss) < 1e-5 * expected.loss, `${found.loss} ${expected.loss}`);
});
