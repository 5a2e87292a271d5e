import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Choices, dataFor, finetuneFor, withUsed } from '../../extension/host/services/choices.ts';

const chosen: Choices = {
  criterion: 'magnitude',
  sparsity: 0.8,
  k: 0.5,
  scope: 'layer',
  data: { data: 'd.npz' },
  finetune: { epochs: 10, patience: 3 },
};

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

  it('is nothing without data or without epochs, where it has no effect', () => {
    assert.deepEqual(finetuneFor(chosen, undefined), {});
    assert.deepEqual(finetuneFor({ ...chosen, finetune: { epochs: 0, patience: 3 } }, data), {});
  });
});
