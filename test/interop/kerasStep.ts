import assert from 'node:assert/strict';
import { openNpz } from '../../extension/data/npz.ts';
import { cpuEngine } from '../../extension/engine/cpu/engine.ts';
import { createTrainingSession } from '../../extension/engine/createSession.ts';
import type { TrainingSession } from '../../extension/engine/session.ts';
import { trainingSession } from '../../extension/engine/trainingSession.ts';
import { openModel } from '../../extension/formats/open.ts';
import type { Graph } from '../../extension/model/graph.ts';
import type { OptimizerSettings } from '../../extension/model/optimizer.ts';
import type { Tensor } from '../../extension/model/tensor.ts';
import { chooseLoss } from '../../extension/training/losses/choose.ts';
import { withLoss } from '../../extension/training/lossGraph.ts';
import { outputKind } from '../../extension/training/output.ts';

/** As the scripts in python/ have it. */
const learningRate = 0.05;
const descent: OptimizerSettings = { name: 'sgd', momentum: 0, nesterov: false };

type Open = (graph: Graph) => Promise<TrainingSession>;

/** Engines that take the step. */
export const engines: Readonly<Record<string, Open>> = {
  WebAssembly: (graph) => createTrainingSession(graph, { engine: 'wasm', optimizer: descent }),
  'TensorFlow.js': (graph) => trainingSession(graph, cpuEngine, descent, []),
};

/**
 * Takes one step of plain SGD on all samples of PATH.npz with the model PATH.keras, and asserts that it leads to the weights of
 * PATH.trained.keras.
 * @returns the loss before the step
 */
export async function stepLikeKeras(path: string, [x, y]: readonly string[], open: Open): Promise<number> {
  const model = await openModel(`${path}.keras`);
  const expected = await openModel(`${path}.trained.keras`);
  try {
    const arrays = await openNpz(`${path}.npz`);
    const inputs = [await arrays.get(x)?.read(), await arrays.get(y)?.read()] as Tensor[];
    const [, targets] = inputs;
    const { graph, training } = model;
    assert.ok(graph);
    const { loss, notes } = chooseLoss({ training, output: outputKind(graph), targets, file: path });
    assert.deepEqual(notes, []);
    const session = await open(withLoss(graph, loss, targets).graph);
    const step = await session.step({ inputs }, { learningRate, regularized: true });
    const weights = await session.weights();
    await session.dispose();
    for (const [i, parameter] of model.parameters.entries()) {
      const [present, wanted] = [await parameter.read(), await expected.parameters[i].read()];
      const found = weights.get(parameter) ?? present;
      // Of the move, not of the weight.
      const move = largest(wanted.map((value, at) => value - present[at]));
      const off = largest(wanted.map((value, at) => value - found[at]));
      assert.ok(off <= 1e-4 * move + 1e-7, `${parameter.name}: off by ${off} of ${move}`);
    }
    return step.loss;
  } finally {
    await expected.close();
    await model.close();
  }
}

/** Asserts that a loss is Keras' own to 1e-5 of it. */
export function assertLoss(actual: number | undefined, expected: number, what = 'loss'): void {
  const off = Math.abs((actual ?? Number.NaN) - expected);
  assert.ok(off <= 1e-5 * Math.abs(expected), `${what}: ${actual} is not Keras' ${expected}`);
}

function largest(values: Float32Array): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}
