import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type Choices,
  dataFor,
  defaultChoices,
  finetuneFor,
  fitted,
  fittingSchedules,
  pruningFor,
  withUsed,
} from '../../extension/host/services/choices.ts';
import { granularitiesOf, scopesOf } from '../../extension/protocol/compatibility.ts';
import { criteria, recoveries } from '../../extension/protocol/recipe.ts';
import { checkRecipe } from '../../extension/protocol/recipeChecks.ts';

const chosen: Choices = { ...defaultChoices, data: { data: 'd.npz' } };

describe('what is remembered of the data', () => {
  const used = withUsed(chosen, 'a.h5', { data: 'd.npz', x: 'x', y: 'y', loss: 'mean_squared_error' });

  it('holds the names of arrays for every model', () => {
    assert.deepEqual(dataFor(used, 'b.h5'), { data: 'd.npz', x: 'x', y: 'y' });
  });

  it('holds the loss for the model that it was asked for, and for no other', () => {
    assert.equal(dataFor(used, 'a.h5')?.loss, 'mean_squared_error');
    assert.equal(dataFor(used, 'b.h5')?.loss, undefined);
    assert.equal('loss' in (used.data ?? {}), false);
  });

  it('holds the loss for the data that it was asked for, and for no other', () => {
    assert.equal(dataFor({ ...used, data: { data: 'e.npz' } }, 'a.h5')?.loss, undefined);
  });

  it('forgets nothing when another model needs no loss', () => {
    const next = withUsed(used, 'b.h5', { data: 'd.npz', x: 'x', y: 'y' });
    assert.equal(dataFor(next, 'a.h5')?.loss, 'mean_squared_error');
  });

  it('is nothing where no data was chosen', () => {
    const { data: _, ...without } = used;
    assert.equal(dataFor(without, 'a.h5'), undefined);
  });
});

describe('what a recipe says of fine-tuning', () => {
  const { data } = chosen;

  it('is what was chosen, and nothing of what the file decides', () => {
    assert.deepEqual(finetuneFor(chosen, data), { epochs: 10, patience: 3 });
    const finetune = { epochs: 5, patience: 0, optimizer: 'sgd', learningRate: 0.01, clipNorm: 1 } as const;
    assert.deepEqual(finetuneFor({ ...chosen, finetune }, data), {
      epochs: 5,
      optimizer: 'sgd',
      learningRate: 0.01,
      clipNorm: 1,
    });
  });

  it('asks for a small dense model to compare with where one was chosen', () => {
    const { finetune } = chosen;
    assert.equal(finetuneFor({ ...chosen, control: true }, data).control, true);
    assert.deepEqual(finetuneFor({ ...chosen, control: true }, undefined), {});
    assert.deepEqual(
      finetuneFor({ ...chosen, control: true, finetune: { ...finetune, epochs: 0 } }, data),
      {},
    );
  });

  it('is nothing without data or without epochs, where it has no effect', () => {
    assert.deepEqual(finetuneFor(chosen, undefined), {});
    assert.deepEqual(finetuneFor({ ...chosen, finetune: { epochs: 0, patience: 3 } }, data), {});
  });
});

describe('what a recipe says of pruning', () => {
  it('is what was chosen, in as few keys as say it', () => {
    const { criterion, granularity, scope, sparsity } = defaultChoices;
    assert.deepEqual(pruningFor(defaultChoices), { criterion, granularity, scope, sparsity });
    assert.deepEqual(pruningFor({ ...defaultChoices, granularity: 'n:m', pattern: '1:4' }), {
      criterion,
      granularity: 'n:m',
      pattern: '1:4',
    });
    const budget = { key: 'maxBytes', most: 9 } as const;
    assert.deepEqual(pruningFor({ ...defaultChoices, granularity: 'unit', budget }), {
      criterion,
      granularity: 'unit',
      scope,
      maxBytes: 9,
      shrink: true,
    });
    // Layers take none; what was remembered waits for a granularity that does.
    assert.deepEqual(pruningFor({ ...defaultChoices, granularity: 'layer', budget }), {
      criterion,
      granularity: 'layer',
      scope: 'global',
      sparsity,
    });
  });

  it('goes together whatever is chosen, one after the other', () => {
    const choices: Choices = { ...chosen };
    const budgets = [undefined, { key: 'maxBytes', most: 9 }] as const;
    let count = 0;
    for (const criterion of [...criteria, ...criteria.toReversed()]) {
      fitted(choices, { criterion });
      // First with what was there before, then with each that the lists offer.
      for (const granularity of [choices.granularity, ...granularitiesOf[criterion]]) {
        fitted(choices, { granularity });
        for (const schedule of [choices.schedule, ...fittingSchedules(choices)])
          for (const scope of [choices.scope, ...scopesOf[granularity]])
            for (const recovery of recoveries)
              for (const budget of budgets) {
                const all = { ...choices, schedule, scope, recovery, ...(budget && { budget }) };
                Object.assign(choices, { schedule, scope, recovery });
                checkRecipe({ ...all.data, ...pruningFor(all), ...finetuneFor(all, all.data) });
                count++;
              }
      }
    }
    assert.ok(count > 1000);
  });

  it('changes no more than it must where something else is chosen', () => {
    const choices: Choices = { ...chosen, granularity: 'row', schedule: 'rigl' };
    fitted(choices, { criterion: 'apoz' });
    assert.deepEqual([choices.granularity, choices.schedule], ['unit', 'oneshot']);
    fitted(choices, { criterion: 'movement' });
    assert.deepEqual([choices.granularity, choices.schedule], ['unit', 'polynomial']);
    fitted(choices, { criterion: 'taylor' });
    assert.deepEqual([choices.granularity, choices.schedule], ['unit', 'polynomial']);
  });
});
