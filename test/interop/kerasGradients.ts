import assert from 'node:assert/strict';
import { join } from 'node:path';
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

/** Largest difference of a gradient, as a share of its array's largest value. */
const tolerance = 1e-4;
/** Of the largest gradient of a model: what sums of it that are 0 as a formula, such as those of a key's bias, may differ from 0. */
const rounding = 2 ** -23;

const optimizer: OptimizerSettings = { name: 'sgd', momentum: 0, nesterov: false };
export const gradientEngines: Record<string, (graph: Graph) => Promise<TrainingSession>> = {
  WebAssembly: (graph) => createTrainingSession(graph, { engine: 'wasm', optimizer }),
  'TensorFlow.js': (graph) => trainingSession(graph, cpuEngine, optimizer, []),
};

/** Files that gradientFiles.py wrote of a model, and its loss. */
export interface GradientCase {
  readonly folder: string;
  readonly name: string;
  readonly loss: number;
}

/** The loss and all gradients are those of Keras. */
export async function gradientsAgree(
  { folder, name, loss: expectedLoss }: GradientCase,
  open: (graph: Graph) => Promise<TrainingSession>,
): Promise<void> {
  const model = await openModel(join(folder, `${name}.keras`));
  const expected = await openModel(join(folder, `${name}.gradients.keras`));
  const { graph, training } = model;
  assert.ok(graph, JSON.stringify(model.notEvaluable));
  const file = join(folder, `${name}.npz`);
  const arrays = await openNpz(file);
  const read = async (array: string) => (await arrays.get(array)?.read()) as Tensor;
  const targets = await read('y');
  const inputs = await Promise.all([...graph.inputs.map((_, i) => read(`x${i}`)), targets]);
  const { loss } = chooseLoss({ training, output: outputKind(graph), targets, file });
  const session = await open(withLoss(graph, loss, targets).graph);
  const result = await session.gradients({ inputs });
  await session.dispose();
  assert.ok(Math.abs(result.loss - expectedLoss) <= 1e-5 * Math.abs(expectedLoss), `loss ${result.loss}`);
  const all = [...result.gradients.values()];
  const floor = rounding * largestOf(all);
  for (const [i, parameter] of model.parameters.entries()) {
    const found = result.gradients.get(parameter);
    const wanted = await expected.parameters[i].read();
    if (found) compare(parameter.name, found, wanted, floor);
    // Statistics are not trained, so that Keras' file has them as they are.
    else assert.deepEqual(wanted, await parameter.read(), parameter.name);
  }
  await model.close();
  await expected.close();
}

function compare(parameter: string, found: Float32Array, wanted: Float32Array, floor: number): void {
  assert.equal(found.length, wanted.length);
  const difference = largestOf([found.map((value, i) => value - wanted[i])]);
  const largest = largestOf([wanted]);
  assert.ok(
    difference <= Math.max(tolerance * largest, floor),
    `${parameter}: off by ${difference} of ${largest}`,
  );
}

function largestOf(arrays: readonly Float32Array[]): number {
  return arrays
    .flatMap((array) => [...array])
    .reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
}
