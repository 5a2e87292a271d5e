import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as tf from '@tensorflow/tfjs-core';
import type { Engine } from '../../extension/engine/engine.ts';
import type { StepSettings, TrainingSession } from '../../extension/engine/session.ts';
import { trainingSession } from '../../extension/engine/trainingSession.ts';
import type { OptimizerSettings } from '../../extension/model/optimizer.ts';
import type { Parameter } from '../../extension/model/parameter.ts';
import { branchingCases } from './branchingGraphs.ts';
import { exportedCases } from './exportedGraphs.ts';
import { seeded } from './random.ts';
import { tfliteCellCases } from './tfliteCells.ts';
import { type TrainingCase, trainingCases } from './trainingGraphs.ts';

const adam: OptimizerSettings = { name: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-7 };
const optimizers: OptimizerSettings[] = [
  adam,
  { name: 'sgd', momentum: 0, nesterov: false },
  { name: 'sgd', momentum: 0.9, nesterov: false },
  { name: 'sgd', momentum: 0.9, nesterov: true },
  { name: 'rmsprop', rho: 0.9, momentum: 0, epsilon: 1e-7 },
  { name: 'rmsprop', rho: 0.9, momentum: 0.5, epsilon: 1e-7 },
];
const rates: StepSettings = { learningRate: 0.01 };

/**
 * What every engine must do, held against the plain one.
 * @param open a new engine; it is disposed of with its session
 * @param plain the engine that is trusted
 */
export function engineTable(open: () => Promise<Engine>, plain: () => Promise<Engine>): void {
  for (const one of [...trainingCases(), ...branchingCases(), ...exportedCases(), ...tfliteCellCases()]) {
    test(`${one.name}: outputs, loss and gradients are those of the plain engine`, async () => {
      for (const share of [0, 0.5, 0.9]) {
        prune(one, share);
        const expected = await everything(one, await plain());
        const found = await everything(one, await open());
        for (const [what, values] of expected) agrees(found.get(what), values, `${what} at ${share}`);
      }
    });
  }

  for (const settings of optimizers) {
    test(`five steps of ${JSON.stringify(settings)} give the plain engine's weights, masks held`, async () => {
      const one = penalised(trainingCases()[0]);
      prune(one, 0.8);
      const step = { ...rates, clipNorm: 0.05, l1: 1e-3, l2: 1e-2, regularized: true };
      const expected = await trained(one, await plain(), settings, step, 5);
      const found = await trained(one, await open(), settings, step, 5);
      for (const [name, values] of expected) agrees(found.get(name), values, name);
      for (const { name, mask } of one.parameters) assertHeld(found.get(name) as Float32Array, mask, name);
    });
  }

  test('dropout drops the same as in the plain engine', async () => {
    const [one] = trainingCases();
    const nodes = one.graph.nodes.map((node) =>
      node.op === 'LSTM' ? { ...node, dropout: 0.3, recurrentDropout: 0.4 } : node,
    );
    const dropped = { ...one, graph: { ...one.graph, nodes } };
    const expected = await everything(dropped, await plain(), 3);
    const found = await everything(dropped, await open(), 3);
    for (const [what, values] of expected) agrees(found.get(what), values, what);
    const other = await everything(dropped, await open(), 4);
    assert.notDeepEqual(other.get('loss'), found.get('loss'));
  });

  test('a restored state goes on bit for bit', async () => {
    const [one] = trainingCases();
    prune(one, 0.6);
    const whole = await session(one, await open());
    await steps(whole, one, 3);
    const state = await whole.state();
    await steps(whole, one, 3);
    const expected = byName(await whole.weights());
    await whole.dispose();
    const resumed = await session(one, await open());
    await resumed.restore(state);
    await steps(resumed, one, 3);
    const found = byName(await resumed.weights());
    await resumed.dispose();
    assert.deepEqual(found, expected);
  });

  test('what is not trainable stays as it is', async () => {
    const [one] = trainingCases();
    const free = await session(one, await open());
    const expected = byName((await free.gradients({ inputs: one.inputs })).gradients);
    await free.dispose();
    const [frozen] = one.parameters;
    Object.assign(frozen, { trainable: false });
    const training = await session(one, await open());
    const all = byName((await training.gradients({ inputs: one.inputs }, 'all')).gradients);
    await steps(training, one, 2);
    const weights = byName(await training.weights());
    const { gradients } = await training.gradients({ inputs: one.inputs });
    await training.dispose();
    assert.ok(!weights.has(frozen.name) && weights.size === one.parameters.length - 1);
    assert.ok(![...gradients.keys()].some(({ name }) => name === frozen.name));
    // It has a gradient for whoever asks.
    assert.deepEqual(all, expected);
  });

  test('a hundred steps leave no tensor behind', async () => {
    const one = trainingCases().find(({ name }) => name.startsWith('embedding')) as TrainingCase;
    const before = tf.memory().numTensors;
    const training = await session(one, await open());
    await steps(training, one, 2);
    const { numTensors } = tf.memory();
    await steps(training, one, 100);
    assert.equal(tf.memory().numTensors, numTensors);
    await training.dispose();
    assert.equal(tf.memory().numTensors, before);
  });

  test('training lowers the loss', async () => {
    const [one] = trainingCases();
    const training = await session(one, await open());
    const first = (await training.step({ inputs: one.inputs }, rates)).loss;
    await steps(training, one, 60);
    const last = (await training.step({ inputs: one.inputs }, rates)).loss;
    await training.dispose();
    assert.ok(last < first / 2, `${first} became ${last}`);
  });

  test('a target that is no class is refused with its value', async () => {
    const [one] = trainingCases();
    const training = await session(one, await open());
    const targets = { shape: [5], data: Int32Array.of(0, 1, 2, 3, 4) };
    const wrong = { inputs: [one.inputs[0], targets] };
    await assert.rejects(training.step(wrong, rates), /lossMismatch/);
    await training.dispose();
  });
}

/** Masks a share of every parameter at random and sets what is masked to 0. */
export function prune({ parameters }: TrainingCase, share: number, seed = 3): void {
  const next = seeded(seed);
  for (const parameter of parameters) {
    const mask = Uint8Array.from(parameter.values, () => (next() < share ? 0 : 1));
    if (share === 0) delete parameter.mask;
    else parameter.mask = mask;
  }
}

export function session(one: TrainingCase, engine: Engine, settings = adam): Promise<TrainingSession> {
  return trainingSession(one.graph, engine, settings, []);
}

export async function steps(
  training: TrainingSession,
  { inputs }: TrainingCase,
  count: number,
): Promise<void> {
  for (let i = 0; i < count; i++) await training.step({ inputs }, rates);
}

/** Outputs and loss of a session that only computes, and loss and gradients of one that trains. */
/** The same with a penalty for each matrix, and for what the recurrent layer puts out. */
function penalised(one: TrainingCase): TrainingCase {
  for (const parameter of one.parameters) {
    const orthogonal = parameter.name.includes('recurrent');
    const norms = { l1: 0.02, l2: 0.03 };
    Object.assign(parameter, { penalty: orthogonal ? { orthogonal: 'rows', factor: 0.4 } : norms });
  }
  const activityPenalties = [{ value: 'sequence', layer: 'layer', l1: 0.01, l2: 0.02 }];
  return { ...one, graph: { ...one.graph, activityPenalties } };
}

async function everything(
  one: TrainingCase,
  engine: Engine,
  dropoutSeed?: number,
): Promise<Map<string, Float32Array>> {
  const training = await session(one, engine);
  const batch = { inputs: one.inputs, ...(dropoutSeed !== undefined && { dropoutSeed }) };
  const { loss, rows, gradients } = await training.gradients(batch);
  const [{ data }] = await training.forward(one.inputs.slice(0, -1));
  await training.dispose();
  return new Map([
    ['loss', Float32Array.of(loss, rows)],
    ['outputs', Float32Array.from(data)],
    ...[...byName(gradients)].map(([name, values]) => [`gradient of ${name}`, values] as const),
  ]);
}

async function trained(
  one: TrainingCase,
  engine: Engine,
  settings: OptimizerSettings,
  step: StepSettings,
  count: number,
): Promise<Map<string, Float32Array>> {
  const training = await session(one, engine, settings);
  for (let i = 0; i < count; i++) await training.step({ inputs: one.inputs }, step);
  const weights = byName(await training.weights());
  const { tensors } = await training.state();
  // Every variable comes back whole, so what is masked shows as a zero in it; moments have no more.
  const nonzero = tensors.map((tensor) => tensor.reduce((sum, value) => sum + (value !== 0 ? 1 : 0), 0));
  await training.dispose();
  const kept = [...weights.values()].reduce((sum, values) => sum + values.filter((v) => v !== 0).length, 0);
  const moments = tensors.length / weights.size - 1;
  const all = nonzero.reduce((sum, count) => sum + count, 0);
  assert.ok(all <= kept * (1 + Math.max(moments, 0)), `${all} nonzero values, ${kept} weights are kept`);
  return weights;
}

export function byName(values: ReadonlyMap<Parameter, Float32Array>): Map<string, Float32Array> {
  return new Map([...values].map(([{ name }, array]) => [name, array]));
}

/** The largest difference is below a ten-thousandth of the largest value. */
function agrees(found: Float32Array | undefined, expected: Float32Array, what: string): void {
  assert.equal(found?.length, expected.length, what);
  let [difference, largest] = [0, 1e-6];
  for (const [i, value] of expected.entries()) {
    const off = Math.abs((found as Float32Array)[i] - value);
    difference = Math.max(difference, Number.isNaN(off) ? Number.POSITIVE_INFINITY : off);
    largest = Math.max(largest, Math.abs(value));
  }
  assert.ok(difference / largest < 1e-4, `${what} is off by ${difference / largest}`);
}

export function assertHeld(values: Float32Array, mask: Uint8Array | undefined, name: string): void {
  for (const [i, value] of values.entries()) {
    if (mask?.[i] === 0) assert.ok(Object.is(value, 0), `${name}: masked weight ${i} is ${value}`);
  }
}
