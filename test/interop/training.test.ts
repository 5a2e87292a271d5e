// Steps of training, and the files that come of it, judged by real Keras.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { openNpz } from '../../extension/data/npz.ts';
import { cpuEngine } from '../../extension/engine/cpu/engine.ts';
import { createTrainingSession } from '../../extension/engine/createSession.ts';
import type { TrainingSession } from '../../extension/engine/session.ts';
import { trainingSession } from '../../extension/engine/trainingSession.ts';
import { openModel } from '../../extension/formats/open.ts';
import type { Graph } from '../../extension/model/graph.ts';
import type { Model } from '../../extension/model/model.ts';
import type { OptimizerSettings } from '../../extension/model/optimizer.ts';
import type { Parameter } from '../../extension/model/parameter.ts';
import type { Tensor } from '../../extension/model/tensor.ts';
import { chooseLoss } from '../../extension/training/losses/choose.ts';
import { withLoss } from '../../extension/training/lossGraph.ts';
import { outputKind } from '../../extension/training/output.ts';
import { runPython, scratchFolder } from './environment.ts';

/** Rows of a step, as in trainSteps.py. */
const batch = 6;
/** Largest difference that a weight may have, as a share of its array's largest. */
const tolerance = 1e-4;

/** Under the names in trainSteps.py, what the files must say. */
const runs: Record<string, [OptimizerSettings, learningRate: number]> = {
  classifier_adam: [{ name: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-7 }, 0.01],
  classifier_adam_betas: [{ name: 'adam', beta1: 0.8, beta2: 0.95, epsilon: 1e-5 }, 0.003],
  classifier_sgd: [{ name: 'sgd', momentum: 0, nesterov: false }, 0.1],
  classifier_momentum: [{ name: 'sgd', momentum: 0.9, nesterov: false }, 0.05],
  classifier_nesterov: [{ name: 'sgd', momentum: 0.9, nesterov: true }, 0.05],
  classifier_rmsprop: [{ name: 'rmsprop', rho: 0.9, momentum: 0, epsilon: 1e-7 }, 0.003],
  classifier_rmsprop_momentum: [{ name: 'rmsprop', rho: 0.8, momentum: 0.5, epsilon: 1e-6 }, 0.003],
  tagger_adam: [{ name: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-7 }, 0.01],
  regressor_adam: [{ name: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-7 }, 0.01],
  regressor_momentum: [{ name: 'sgd', momentum: 0.9, nesterov: false }, 0.05],
  // The scale of its attention is one number, without axes.
  attender_adam: [{ name: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-7 }, 0.01],
};

type Open = (graph: Graph, optimizer: OptimizerSettings) => Promise<TrainingSession>;
const webAssembly: Open = (graph, optimizer) => createTrainingSession(graph, { engine: 'wasm', optimizer });
const engines: Record<string, Open> = {
  WebAssembly: webAssembly,
  'TensorFlow.js': (graph, optimizer) => trainingSession(graph, cpuEngine, optimizer, []),
};

interface KerasRun {
  readonly name: string;
  readonly losses: readonly number[];
}

let folder: string;
let remove: () => Promise<void>;
let keras: Map<string, KerasRun>;

before(async () => {
  ({ folder, remove } = await scratchFolder());
  const made = JSON.parse(await runPython('trainSteps.py', [folder])) as KerasRun[];
  keras = new Map(made.map((run) => [run.name, run]));
  assert.deepEqual([...keras.keys()].sort(), Object.keys(runs).sort());
});
after(() => remove());

for (const [name, [optimizer, learningRate]] of Object.entries(runs)) {
  describe(name, () => {
    for (const suffix of ['keras', 'h5']) {
      test(`the .${suffix} file says the optimizer and its learning rate`, async () => {
        const model = await openModel(join(folder, `${name}.${suffix}`));
        await model.close();
        assert.deepEqual(model.training?.optimizer, optimizer);
        assert.equal(model.training?.learningRate, learningRate);
        assert.equal(model.training?.unknownOptimizer, undefined);
      });
    }

    for (const [engine, open] of Object.entries(engines)) {
      test(`twenty steps of ${engine} lead to the losses and weights of Keras`, async () => {
        const model = await openModel(join(folder, `${name}.keras`));
        const losses = await train(model, name, open);
        assert.equal(losses.length, keras.get(name)?.losses.length);
        for (const [i, loss] of (keras.get(name) as KerasRun).losses.entries()) {
          assert.ok(
            Math.abs(losses[i] - loss) <= 1e-4 * Math.abs(loss),
            `step ${i}: ${losses[i]}, not ${loss}`,
          );
        }
        const expected = await openModel(join(folder, `${name}.trained.keras`));
        for (const [i, parameter] of model.parameters.entries()) {
          const wanted = await expected.parameters[i].read();
          const found = parameter.trained ?? (await parameter.read());
          const off = largestOff(found, wanted);
          assert.ok(off <= tolerance, `${parameter.name}: off by ${off}`);
        }
        await expected.close();
        await model.close();
      });
    }
  });
}

test('Keras opens what was trained and saved, in both formats, with the weights of its own training', async () => {
  for (const name of ['classifier_adam', 'regressor_momentum', 'attender_adam']) {
    const files: string[] = [];
    // Keras 3 opens no .h5 with an Attention, its own neither: it takes the score mode for the name of a function.
    for (const suffix of name === 'attender_adam' ? ['keras'] : ['keras', 'h5']) {
      for (const compress of [false, true]) {
        const model = await openModel(join(folder, `${name}.${suffix}`));
        await train(model, name, webAssembly);
        const file = join(folder, `${name}.ours${compress ? '.packed' : ''}.${suffix}`);
        await model.save(file, { compress });
        await model.close();
        files.push(file);
      }
    }
    const expected = join(folder, `${name}.trained.keras`);
    const answers = JSON.parse(await runPython('judgeTrained.py', [expected, ...files])) as {
      difference: number;
      iterations: number;
    }[];
    assert.equal(answers.length, files.length);
    for (const [i, { difference, iterations }] of answers.entries()) {
      assert.ok(difference <= tolerance, `${files[i]}: off by ${difference}`);
      assert.equal(iterations, 0, 'the optimizer state of the file is as it was');
    }
  }
});

/** Trains on the batches in file order; the parameters keep what came of it. */
async function train(model: Model, name: string, open: Open): Promise<number[]> {
  const file = join(folder, `${name}.npz`);
  const arrays = await openNpz(file);
  const x = (await arrays.get('x')?.read()) as Tensor;
  const y = (await arrays.get('y')?.read()) as Tensor;
  const graph = model.graph as Graph;
  const { training } = model;
  const { loss } = chooseLoss({ training, output: outputKind(graph), targets: y, file });
  const [optimizer, learningRate] = runs[name];
  const session = await open(withLoss(graph, loss, y).graph, optimizer);
  const losses: number[] = [];
  for (let from = 0; from < x.shape[0]; from += batch) {
    const inputs = [x, y].map((tensor) => rows(tensor, from));
    losses.push((await session.step({ inputs }, { learningRate })).loss);
  }
  for (const [parameter, values] of await session.weights()) (parameter as Parameter).trained = values;
  await session.dispose();
  const frozen = model.parameters.filter(({ trained }) => trained === undefined);
  assert.ok(frozen.every(({ trainable }) => !trainable));
  assert.equal(frozen.length, name.startsWith('regressor') ? 2 : 0);
  return losses;
}

function rows({ shape, data }: Tensor, from: number): Tensor {
  const width = data.length / shape[0];
  return { shape: [batch, ...shape.slice(1)], data: data.slice(from * width, (from + batch) * width) };
}

function largestOff(found: Float32Array, wanted: Float32Array): number {
  assert.equal(found.length, wanted.length);
  let [difference, largest] = [0, 0];
  for (const [i, value] of wanted.entries()) {
    difference = Math.max(difference, Math.abs(found[i] - value));
    largest = Math.max(largest, Math.abs(value));
  }
  return difference / largest;
}
