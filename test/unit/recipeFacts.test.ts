import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fill, labels, type Say } from '../../extension/protocol/labels.ts';
import { numbersFor } from '../../extension/protocol/numbers.ts';
import type { Recipe } from '../../extension/protocol/recipe.ts';
import { recipeFacts } from '../../extension/protocol/recipeFacts.ts';

const say: Say = (label, args = {}) => fill(labels[label], args);
const told = (recipe: Recipe) =>
  recipeFacts(recipe, say, numbersFor('en')).map(([label, text]) => `${labels[label]}: ${text}`);

describe('a recipe in words', () => {
  it('says what it is without what counts by itself', () => {
    assert.deepEqual(told({ sparsity: 0.8, scope: 'layer' }), [
      'Criterion: Magnitude',
      'Granularity: Single weights',
      'Scope: Each layer',
      'Target: 80.0% zero',
      'Schedule: All at once',
    ]);
  });

  it('says sizes of groups, and what becomes of units', () => {
    const granularityOf = (recipe: Recipe) => told(recipe).find((fact) => fact.startsWith('Granularity'));
    assert.equal(granularityOf({ granularity: 'block', block: ' 4x8' }), 'Granularity: Blocks of 4x8');
    assert.equal(
      granularityOf({ granularity: 'n:m', pattern: '2:4' }),
      'Granularity: 2 of every 4 weights kept',
    );
    assert.equal(granularityOf({ granularity: 'bank', bank: 32 }), 'Granularity: Banks of 32 weights');
    assert.equal(granularityOf({ granularity: 'unit' }), 'Granularity: Hidden units');
    assert.equal(
      granularityOf({ granularity: 'unit', shrink: true }),
      'Granularity: Hidden units, removed from the file',
    );
  });

  it('says every kind of target', () => {
    const targetOf = (recipe: Recipe) => told(recipe).find((fact) => fact.startsWith('Target'));
    assert.equal(targetOf({ criterion: 'threshold', k: 0.5 }), 'Target: |w| below 0.5 times the mean');
    assert.equal(targetOf({ granularity: 'n:m', pattern: '1:4' }), 'Target: 75.0% zero');
    assert.equal(targetOf({ granularity: 'unit', sparsity: 0.5 }), 'Target: 50.0% of them');
    assert.equal(targetOf({ granularity: 'bank', sparsity: 0.5 }), 'Target: 50.0% zero');
    assert.equal(targetOf({ maxParameters: 12_000 }), 'Target: at most 12,000 nonzero weights');
    assert.equal(targetOf({ maxBytes: 1500 }), 'Target: at most 1.5 kB of nonzero weights');
    assert.equal(targetOf({ maxMultiplyAdds: 9 }), 'Target: at most 9 multiply-adds a sample');
    assert.equal(
      targetOf({ sparsity: 0.5, gates: { i: 0.9 }, targets: { 'lstm/*': 0.1 } }),
      'Target: 50.0% zero, i: 90.0%, lstm/*: 10.0%',
    );
    assert.equal(targetOf({ gates: { i: 1 } }), 'Target: i: 100.0%');
  });

  it('says schedule and recovery where the model is trained', () => {
    const trained = { sparsity: 0.5, epochs: 3 };
    const told2 = (recipe: Recipe) => told({ ...trained, ...recipe }).slice(-2);
    assert.deepEqual(told2({}), ['Schedule: All at once', 'Recovery: Fine-tuning on the targets']);
    assert.deepEqual(told2({ schedule: 'polynomial', begin: 0, end: 1000, frequency: 50 }), [
      'Schedule: Polynomial decay, steps 0 to 1,000, every 50',
      'Recovery: Fine-tuning on the targets',
    ]);
    assert.deepEqual(told2({ schedule: 'iterative', rounds: 5, recovery: 'unsupervised', match: 'mse' }), [
      'Schedule: Iterative, 5 rounds',
      "Recovery: Matching the original's outputs, squared error",
    ]);
    assert.deepEqual(
      told2({ schedule: 'rigl', dropFraction: 0.3, recovery: 'distillation', temperature: 2, mix: 0.5 }),
      [
        'Schedule: RigL, with regrowth, 30.0% exchanged at first',
        'Recovery: Distillation from the original, temperature 2, 50.0% of the loss from it',
      ],
    );
  });
});
