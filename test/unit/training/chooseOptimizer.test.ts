import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseOptimizer } from '../../../extension/training/chooseOptimizer.ts';
import { assertRefuses } from '../../support/throwsCode.ts';

const sgd = { name: 'sgd', momentum: 0.9, nesterov: true } as const;
const adam = { name: 'adam', beta1: 0.8, beta2: 0.99, epsilon: 1e-6 } as const;

const pick = (...args: Parameters<typeof chooseOptimizer>) => {
  const { optimizer, learningRate } = chooseOptimizer(...args);
  return [optimizer, learningRate];
};

test('without a word from recipe or file it is Adam at 0.001, as Keras has it', () => {
  assert.deepEqual(pick({}), [{ name: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-7 }, 1e-3]);
});

test('the file has its say where the recipe leaves it open', () => {
  assert.deepEqual(pick({}, { optimizer: adam, learningRate: 3e-4 }), [adam, 3e-4]);
  assert.deepEqual(pick({ optimizer: 'adam' }, { optimizer: adam, learningRate: 3e-4 }), [adam, 3e-4]);
  assert.deepEqual(pick({ learningRate: 0.1 }, { optimizer: sgd, learningRate: 0.5 }), [sgd, 0.1]);
  assert.deepEqual(pick({ momentum: 0.5 }, { optimizer: sgd }), [{ ...sgd, momentum: 0.5 }, 1e-3]);
});

test('another optimizer than the file has takes nothing from it, not even the learning rate', () => {
  assert.deepEqual(pick({ optimizer: 'sgd' }, { optimizer: adam, learningRate: 0.5 }), [
    { name: 'sgd', momentum: 0, nesterov: false },
    1e-3,
  ]);
  assert.deepEqual(pick({ optimizer: 'rmsprop' }, { optimizer: adam, learningRate: 0.5 })[1], 1e-3);
});

test('the usual learning rate is what it would have been unasked', () => {
  const usual = (...args: Parameters<typeof chooseOptimizer>) => chooseOptimizer(...args).usualRate;
  assert.equal(usual({ learningRate: 10 }), 1e-3);
  assert.equal(usual({ learningRate: 10 }, { optimizer: sgd, learningRate: 0.5 }), 0.5);
  assert.equal(usual({ learningRate: 10, optimizer: 'adam' }, { optimizer: sgd, learningRate: 0.5 }), 1e-3);
});

test('an optimizer that is not known is replaced, and that is said', () => {
  const { optimizer, notes } = chooseOptimizer({}, { unknownOptimizer: 'Nadam', learningRate: 0.5 });
  assert.equal(optimizer.name, 'adam');
  assert.deepEqual(notes, [{ code: 'noteOptimizerUnknown', args: { optimizer: 'Nadam', used: 'adam' } }]);
  assert.deepEqual(chooseOptimizer({ optimizer: 'sgd' }, { unknownOptimizer: 'Nadam' }).notes, []);
});

test('momentum for the adam of the file is refused', () =>
  assertRefuses(() => chooseOptimizer({ momentum: 0.9 }, { optimizer: adam }), 'optionsClash', 'adam'));
