import assert from 'node:assert/strict';
import { test } from 'node:test';
import { trainingConfiguration } from '../../../extension/formats/keras/training.ts';
import { type OptimizerSettings, optimizerDefaults } from '../../../extension/model/optimizer.ts';

const { adam, sgd, rmsprop } = optimizerDefaults;

/** Reads the optimizer as a .h5 file of Keras 2 spells it. */
const optimizerOf = (className: string, config: object) =>
  trainingConfiguration(JSON.stringify({ loss: 'mse', optimizer_config: { class_name: className, config } }));

test('Keras 1 and 2 write lr, later versions learning_rate', () => {
  assert.deepEqual(optimizerOf('Adam', { lr: 0.002, beta_1: 0.8, beta_2: 0.99, epsilon: 1e-8, decay: 0 }), {
    loss: 'mse',
    optimizer: { name: 'adam', beta1: 0.8, beta2: 0.99, epsilon: 1e-8 },
    learningRate: 0.002,
  });
  assert.deepEqual(optimizerOf('SGD', { learning_rate: 0.1, momentum: 0.9, nesterov: true }), {
    loss: 'mse',
    optimizer: { name: 'sgd', momentum: 0.9, nesterov: true },
    learningRate: 0.1,
  });
  assert.deepEqual(optimizerOf('RMSprop', { lr: 0.01, rho: 0.95, momentum: 0.5, epsilon: 1e-6 }), {
    loss: 'mse',
    optimizer: { name: 'rmsprop', rho: 0.95, momentum: 0.5, epsilon: 1e-6 },
    learningRate: 0.01,
  });
});

test('Keras 3 nests the optimizer in compile_config, with options that are off', () => {
  const off = { weight_decay: null, clipnorm: null, use_ema: false, ema_momentum: 0.99, amsgrad: false };
  const optimizer = {
    module: 'keras.optimizers',
    class_name: 'Adam',
    config: { name: 'adam', learning_rate: 0.001, ...off },
  };
  assert.deepEqual(trainingConfiguration({ loss: 'mse', optimizer }), {
    loss: 'mse',
    optimizer: adam,
    learningRate: 0.001,
  });
  const wrapped = { class_name: 'LossScaleOptimizer', config: { inner_optimizer: optimizer } };
  assert.deepEqual(trainingConfiguration({ optimizer: wrapped })?.optimizer, adam);
});

const names: [string, OptimizerSettings, number][] = [
  ['adam', adam, 0.001],
  ['SGD', sgd, 0.01],
  ['rmsprop', rmsprop, 0.001],
];
for (const [name, optimizer, learningRate] of names) {
  test(`the bare name ${name} means Keras' defaults`, () => {
    assert.deepEqual(trainingConfiguration({ optimizer: name }), { optimizer, learningRate });
  });
}

test('numbers that went through float32 are read as they were typed', () => {
  const found = optimizerOf('Adam', { learning_rate: 0.0020000000949949026, epsilon: null });
  assert.equal(found?.learningRate, 0.002);
  assert.equal(optimizerOf('SGD', { lr: 0.12345678912345 })?.learningRate, 0.12345678912345);
  assert.equal(optimizerOf('SGD', { lr: 1e-30 })?.learningRate, 1e-30);
});

test('TensorFlow 2.11 and later write Custom>Adam', () => {
  const found = optimizerOf('Custom>Adam', { learning_rate: 0.001, is_legacy_optimizer: false });
  assert.deepEqual(found, { loss: 'mse', optimizer: adam, learningRate: 0.001 });
});

test('a schedule leaves the learning rate open', () => {
  const schedule = { class_name: 'ExponentialDecay', config: { initial_learning_rate: 0.1 } };
  assert.deepEqual(optimizerOf('SGD', { learning_rate: schedule, momentum: 0.9 }), {
    loss: 'mse',
    optimizer: { ...sgd, momentum: 0.9 },
  });
});

test('an optimizer that is not known keeps its name, and no learning rate that was meant for it', () => {
  assert.deepEqual(optimizerOf('Adadelta', { lr: 1 }), { loss: 'mse', unknownOptimizer: 'Adadelta' });
  assert.deepEqual(optimizerOf('Custom>Lion', {}), { loss: 'mse', unknownOptimizer: 'Lion' });
});

test('options that change an optimizer are named beside the nearest one', () => {
  const unknown = (className: string, config: object) => optimizerOf(className, config)?.unknownOptimizer;
  assert.equal(unknown('Adam', { amsgrad: true, clipnorm: 1 }), 'Adam, amsgrad, clipnorm 1');
  assert.equal(unknown('RMSprop', { centered: true }), 'RMSprop, centered');
  assert.equal(unknown('SGD', { decay: 1e-6 }), 'SGD, decay 0.000001');
  assert.equal(unknown('Adam', { weight_decay: 0, decay: 0, clipnorm: null }), undefined);
  const adamW = optimizerOf('AdamW', { learning_rate: 0.003, weight_decay: 0.004, beta_1: 0.7 });
  assert.deepEqual(adamW, {
    loss: 'mse',
    optimizer: { ...adam, beta1: 0.7 },
    unknownOptimizer: 'AdamW, weight_decay 0.004',
    learningRate: 0.003,
  });
});

test('numbers that are none are not taken up', () => {
  const found = optimizerOf('Adam', { learning_rate: 'fast', beta_1: Number.NaN, epsilon: '1' });
  assert.deepEqual(found, { loss: 'mse', optimizer: adam });
  assert.deepEqual(optimizerOf('SGD', { lr: 0 })?.learningRate, undefined);
});

test('losses in every spelling', () => {
  const lossOf = (loss: unknown) => trainingConfiguration({ loss });
  assert.deepEqual(lossOf('mse'), { loss: 'mse' });
  assert.deepEqual(lossOf(['mse']), { loss: 'mse' });
  assert.deepEqual(lossOf({ out: 'mae' }), { loss: 'mae' });
  const keras3 = { class_name: 'BinaryCrossentropy', config: { from_logits: true, label_smoothing: 0 } };
  assert.deepEqual(lossOf(keras3), { loss: 'BinaryCrossentropy', fromLogits: true });
});

test('arguments of losses are read where they are known, and beside the name where they are not', () => {
  const lossOf = (class_name: string, config: object) =>
    trainingConfiguration({ loss: { class_name, config } });
  assert.deepEqual(lossOf('Huber', { delta: 2 }), { loss: 'Huber', lossOptions: { delta: 2 } });
  const focal = { label_smoothing: 0.1, gamma: 2, alpha: 0.5, apply_class_balancing: true, axis: -1 };
  assert.deepEqual(lossOf('BinaryFocalCrossentropy', focal), {
    ...{ loss: 'BinaryFocalCrossentropy', lossOptions: { labelSmoothing: 0.1, alpha: 0.5, balanced: true } },
  });
  assert.deepEqual(lossOf('CosineSimilarity', { axis: 1 }), {
    ...{ loss: 'CosineSimilarity', lossOptions: { axes: [1] } },
  });
  const tuple = { class_name: '__tuple__', items: [1, 2] };
  assert.deepEqual(lossOf('Dice', { axis: tuple }), { loss: 'Dice', lossOptions: { axes: [1, 2] } });
  const tversky = { alpha: 0.25, beta: 0.75, axis: null };
  assert.deepEqual(lossOf('Tversky', tversky), { loss: 'Tversky', lossOptions: { alpha: 0.25, beta: 0.75 } });
  assert.deepEqual(lossOf('Tversky', { ...tversky, alpha: 0.5, beta: 0.5 }), { loss: 'Tversky' });
  assert.deepEqual(lossOf('CategoricalFocalCrossentropy', { alpha: [1, 2] }), {
    ...{ loss: 'CategoricalFocalCrossentropy, alpha 1,2' },
  });
});

test('a loss of an author’s own is not taken for Keras’, whatever its name is', () => {
  const own = { class_name: 'Huber', module: 'mine', registered_name: 'mine>Huber', config: { delta: 2 } };
  assert.deepEqual(trainingConfiguration({ loss: own }), { loss: 'mine>Huber' });
});

for (const nothing of [
  undefined,
  null,
  'not JSON',
  '3',
  {},
  { optimizer: {} },
  { optimizer: 3, loss: null },
]) {
  test(`${JSON.stringify(nothing)} says nothing`, () => {
    assert.equal(trainingConfiguration(nothing), undefined);
  });
}

for (const name of ['constructor', '__proto__', 'toString']) {
  test(`an optimizer called ${name} is one that is not known`, () => {
    assert.deepEqual(trainingConfiguration({ optimizer: name }), { unknownOptimizer: name });
  });
}

test('weights multiply the loss, and a sum in place of a mean is told by its name in the file', () => {
  const mse = (reduction: string) => ({ class_name: 'MeanSquaredError', config: { reduction } });
  const loss = 'MeanSquaredError';
  assert.deepEqual(trainingConfiguration({ loss: mse('sum_over_batch_size'), loss_weights: [1] }), { loss });
  assert.deepEqual(trainingConfiguration({ loss: mse('sum'), loss_weights: { out: 2 } }), {
    ...{ loss, lossOptions: { weight: 2 }, scaling: 'reduction = sum' },
  });
});
