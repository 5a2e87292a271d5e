import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { notReached } from '../../../extension/jobs/notReached.ts';
import type { Tried } from '../../../extension/jobs/searchLoop.ts';
import { fill } from '../../../extension/protocol/labels.ts';
import { word } from '../../../extension/protocol/wording.ts';

const bytes = { parameters: 9, nonzero: 4, bytes: 36, compressed: 30 };

/** A trial beyond the budget; without a loss one that failed. */
function beyond(id: number, validationLoss?: number): Tried {
  const shared = { recipe: {}, seconds: 1, notes: [] };
  const failure = { code: 'lossNotFinite', args: { file: 'm.h5' } } as const;
  const result = { file: 'm.h5', sparsity: 0.75, reduction: 0.75, sizes: bytes, loss: 1 };
  const came = validationLoss === undefined ? { failure } : { result: { ...result, validationLoss } };
  const trial = { id, allocation: 'uniform', recipe: {}, target: 0.75, seconds: 1, within: false, ...came };
  return { trial: trial as Tried['trial'], asked: {}, kept: shared };
}

describe('a search in which no trial is within the budget', () => {
  test('names the one with the lowest loss', () => {
    const { info } = notReached([beyond(1, 0.9), beyond(2, 0.7), beyond(3)], 'settled', 0.5);
    const { trial, loss, limit, count } = info.args;
    assert.deepEqual([info.code, trial, loss, limit, count], ['budgetNotReached', 2, 0.7, 0.5, 3]);
  });

  test('says why where every one failed', () => {
    assert.equal(notReached([beyond(1)], 'trials', 0.5).info.code, 'lossNotFinite');
  });

  test('advises what would take it further, by what ended it', () => {
    const advice = {
      settled: '(--max-loss-increase) or more epochs (--epochs).',
      trials: 'or more trials (--trials).',
      time: 'or more time (--time-budget).',
      cancelled: 'or the search to go on.',
    } as const;
    const told = (stopped: keyof typeof advice) =>
      word(notReached([beyond(1, 0.9)], stopped, 0.5).info, fill);
    for (const stopped of ['settled', 'trials', 'time', 'cancelled'] as const) {
      assert.ok(told(stopped).endsWith(advice[stopped]), told(stopped));
      assert.equal(told(stopped).includes('--trials'), stopped === 'trials');
    }
  });
});
