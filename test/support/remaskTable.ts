import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as tf from '@tensorflow/tfjs-core';
import type { Engine } from '../../extension/engine/engine.ts';
import { graphSession } from '../../extension/engine/graphSession.ts';
import type { TrainingSession } from '../../extension/engine/session.ts';
import { type OptimizerSettings, optimizerDefaults } from '../../extension/model/optimizer.ts';
import { assertHeld, byName, prune, session, steps } from './engineTable.ts';
import type { MemoryParameter } from './memoryModel.ts';
import { randomFloats, seeded } from './random.ts';
import { remaskedState } from './remaskedState.ts';
import { type TrainingCase, trainingCases } from './trainingGraphs.ts';

interface Change {
  readonly name: string;
  /** Shares that are masked. */
  readonly from: number;
  readonly to: number;
  /** What is masked after it is drawn by; before it was 3. */
  readonly seed: number;
}

/** Where few weights are kept, an engine may hold only those. */
const changes: readonly Change[] = [
  { name: 'more is pruned', from: 0.3, to: 0.5, seed: 3 },
  { name: 'of all that was kept little stays', from: 0, to: 0.9, seed: 3 },
  { name: 'half is pruned elsewhere', from: 0.5, to: 0.5, seed: 4 },
  { name: 'much is pruned elsewhere', from: 0.8, to: 0.8, seed: 4 },
  { name: 'most is kept again', from: 0.9, to: 0.2, seed: 4 },
  { name: 'everything is kept again', from: 0.9, to: 0, seed: 3 },
];

const optimizers: readonly OptimizerSettings[] = [
  optimizerDefaults.adam,
  { name: 'sgd', momentum: 0.9, nesterov: true },
  { name: 'sgd', momentum: 0, nesterov: false },
  { name: 'rmsprop', rho: 0.9, momentum: 0, epsilon: 1e-7 },
];

const tagger = 'embedding, both directions, a stack';

/**
 * What every engine must do where masks and values change under a session.
 * @param open a new engine; it is disposed of with its session
 */
export function remaskTable(open: () => Promise<Engine>): void {
  for (const { name } of trainingCases()) {
    test(`${name}: dense gradients are those of the same weights without masks`, async () => {
      for (const share of [0.5, 0.9]) await assertDense(caseNamed(name), share, open);
    });
  }

  for (const change of changes) {
    test(`where ${change.name}, a session goes on as one made with these masks`, async () => {
      const regrown: number[] = [];
      for (const name of [trainingCases()[0].name, tagger, 'one layer for two inputs'])
        for (const settings of optimizers)
          regrown.push(...(await remasked(caseNamed(name), settings, change, open)));
      assert.ok(regrown.length === 0 || regrown.some((value) => value !== 0));
    });
  }

  test('what is not trained is read anew where its mask changes', async () => {
    const [one] = trainingCases();
    const [frozen] = one.parameters;
    Object.assign(frozen, { trainable: false });
    prune(one, 0.8);
    const training = await session(one, await open());
    await steps(training, one, 2);
    delete frozen.mask;
    await training.remask();
    const fresh = await session(one, await open());
    await fresh.assign(await training.weights());
    const inputs = one.inputs.slice(0, -1);
    assert.deepEqual(await training.forward(inputs), await fresh.forward(inputs));
    await training.dispose();
    await fresh.dispose();
  });

  test('assigned values take the place of present ones, masks held and moments as they were', async () => {
    const [one] = trainingCases();
    for (const share of [0, 0.5, 0.8]) {
      prune(one, share);
      const training = await session(one, await open());
      const [first, changed] = one.parameters;
      await steps(training, one, 2);
      const [weights, moments] = [byName(await training.weights()), await momentsOf(training, one)];
      const values = randomFloats(changed.values.length, seeded(9));
      await training.assign(new Map([[changed, values]]));
      const kept = values.map((value, i) => (changed.mask?.[i] === 0 ? 0 : value));
      assert.deepEqual(byName(await training.weights()), new Map([...weights, [changed.name, kept]]));
      assert.deepEqual(await momentsOf(training, one), moments);
      await steps(training, one, 1);
      assertHeld((await training.weights()).get(changed) as Float32Array, changed.mask, first.name);
      await training.dispose();
    }
  });

  test('a restart begins with the present values as a session that is made with them', async () => {
    const [one] = trainingCases();
    for (const settings of optimizers) {
      prune(one, 0.8);
      const training = await session(one, await open(), settings);
      await steps(training, one, 3);
      await training.restart();
      const fresh = await session(one, await open(), settings);
      await fresh.assign(await training.weights());
      assert.deepEqual(await training.state(), await fresh.state());
      await steps(training, one, 2);
      await steps(fresh, one, 2);
      assert.deepEqual(await training.state(), await fresh.state());
      await training.dispose();
      await fresh.dispose();
    }
  });

  test('who watches a step sees the weights before it and their gradients, and changes nothing', async () => {
    const [one] = trainingCases();
    for (const share of [0, 0.5, 0.9]) {
      prune(one, share);
      const batch = { inputs: one.inputs };
      const watched = await session(one, await open());
      const { gradients } = await watched.gradients(batch);
      const weights = await watched.weights();
      let seen = 0;
      await watched.step(batch, { learningRate: 0.01 }, (found, at) => {
        seen++;
        assert.deepEqual(byName(found), byName(gradients));
        assert.deepEqual(byName(at), byName(weights));
      });
      assert.equal(seen, 1);
      const alone = await session(one, await open());
      await alone.step(batch, { learningRate: 0.01 });
      assert.deepEqual(await watched.state(), await alone.state());
      await watched.dispose();
      await alone.dispose();
    }
  });

  test('values are not assigned to what is not trained, nor in another number', async () => {
    const [one] = trainingCases();
    const [frozen, trained] = one.parameters;
    Object.assign(frozen, { trainable: false });
    const training = await session(one, await open());
    await assert.rejects(training.assign(new Map([[frozen, frozen.values]])), /not trained/);
    await assert.rejects(training.assign(new Map([[trained, new Float32Array(1)]])), /not 1 values/);
    await training.dispose();
  });

  test('a session that is refreshed computes what a new one does', async () => {
    const one = caseNamed(tagger);
    const inputs = one.inputs.slice(0, -1);
    const kept = await graphSession(one.graph, await open(), []);
    const refreshed = async (...changed: MemoryParameter[]) => {
      await kept.refresh(changed);
      const fresh = await graphSession(one.graph, await open(), []);
      const [found, expected] = [await kept.forward(inputs), await fresh.forward(inputs)];
      await fresh.dispose();
      assert.deepEqual(found, expected);
      return found;
    };
    const whole = await refreshed();
    for (const parameter of one.parameters) {
      const next = seeded(3);
      parameter.mask = Uint8Array.from(parameter.values, () => (next() < 0.8 ? 0 : 1));
      assert.notDeepEqual(await refreshed(parameter), whole);
      delete parameter.mask;
      assert.deepEqual(await refreshed(parameter), whole);
    }
    const [table] = one.parameters;
    table.trained = randomFloats(table.values.length, seeded(8));
    assert.notDeepEqual(await refreshed(table), whole);
    await kept.dispose();
  });

  test('a training that is refreshed takes the values of the parameters and keeps its moments', async () => {
    const [one] = trainingCases();
    prune(one, 0.8);
    const training = await session(one, await open());
    const [refreshed] = one.parameters;
    const initial = (await training.weights()).get(refreshed) as Float32Array;
    await steps(training, one, 2);
    const [weights, moments] = [byName(await training.weights()), await momentsOf(training, one)];
    await training.refresh([refreshed]);
    assert.deepEqual(byName(await training.weights()), new Map([...weights, [refreshed.name, initial]]));
    assert.deepEqual(await momentsOf(training, one), moments);
    await training.dispose();
  });

  test('a hundred changes of masks leave no tensor behind', async () => {
    const [one] = trainingCases();
    const before = tf.memory().numTensors;
    const training = await session(one, await open());
    const held = tf.memory().numTensors;
    for (let n = 0; n < 100; n++) {
      await changeMasks(training, one, n);
      assert.equal(tf.memory().numTensors, held);
    }
    await training.dispose();
    assert.equal(tf.memory().numTensors, before);
  });
}

/** Changes the masks in all ways there are, and computes with them. */
export async function changeMasks(training: TrainingSession, one: TrainingCase, n: number): Promise<void> {
  prune(one, [0.9, 0.5, 0][n % 3], n);
  await training.remask();
  await steps(training, one, 1);
  await training.denseGradients({ inputs: one.inputs });
  await training.refresh(one.parameters);
}

async function assertDense(one: TrainingCase, share: number, open: () => Promise<Engine>): Promise<void> {
  const batch = { inputs: one.inputs };
  prune(one, share);
  const held = await session(one, await open());
  const masked = await held.gradients(batch);
  const found = await held.denseGradients(batch);
  const again = await held.gradients(batch);
  await held.dispose();
  for (const parameter of one.parameters) {
    for (const [i, kept] of parameter.mask?.entries() ?? []) if (kept === 0) parameter.values[i] = 0;
    delete parameter.mask;
  }
  const free = await session(one, await open());
  const expected = await free.gradients(batch);
  await free.dispose();
  assert.ok(Math.abs(found.loss - expected.loss) <= 1e-6, `${found.loss}, not ${expected.loss}`);
  for (const [{ name }, values] of expected.gradients) {
    const own = byName(found.gradients).get(name) as Float32Array;
    assert.equal(own.length, values.length);
    for (const [i, value] of values.entries())
      assert.ok(Math.abs(own[i] - value) <= 1e-6, `${name} ${i}: ${own[i]}, not ${value}`);
  }
  assert.deepEqual(byName(again.gradients), byName(masked.gradients));
}

/**
 * A session is remasked; another one, made with the new masks, is given the state that is to be expected then, and they go on alike.
 * @returns what became of the weights that were kept again
 */
async function remasked(
  one: TrainingCase,
  settings: OptimizerSettings,
  { from, to, seed }: Change,
  open: () => Promise<Engine>,
): Promise<number[]> {
  prune(one, from);
  const masks = one.parameters.map(({ mask }) => mask);
  const changed = await session(one, await open(), settings);
  const initial = await changed.state();
  await steps(changed, one, 3);
  const before = await changed.state();
  prune(one, to, seed);
  await changed.remask();
  const fresh = await session(one, await open(), settings);
  const expected = remaskedState(settings, initial, before, await fresh.state());
  await fresh.restore(expected);
  assert.deepEqual(await changed.state(), expected);
  await steps(changed, one, 3);
  await steps(fresh, one, 3);
  assert.deepEqual(await changed.state(), await fresh.state());
  const weights = byName(await changed.weights());
  await changed.dispose();
  await fresh.dispose();
  const regrown: number[] = [];
  for (const [n, { name, mask }] of one.parameters.entries()) {
    const values = weights.get(name) as Float32Array;
    assertHeld(values, mask, name);
    regrown.push(...values.filter((_, i) => masks[n]?.[i] === 0 && mask?.[i] !== 0));
  }
  return regrown;
}

async function momentsOf(training: TrainingSession, { parameters }: TrainingCase): Promise<Float32Array[]> {
  const { tensors } = await training.state();
  // The first case has as many weights as parameters.
  return tensors.slice(parameters.length);
}

/** A new one, so that no mask stays from another test. */
function caseNamed(wanted: string): TrainingCase {
  return trainingCases().find(({ name }) => name === wanted) as TrainingCase;
}
