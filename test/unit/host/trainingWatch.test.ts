import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TrainingWatch } from '../../../extension/host/commands/trainingWatch.ts';
import type { JobProgress } from '../../../extension/protocol/requests.ts';

/** A progress within an epoch, when this is the lowest validation loss so far, and the epoch that it is of. */
function within(epoch: number, lowest?: number, bestEpoch?: number, loss?: number): JobProgress {
  const known =
    lowest === undefined || bestEpoch === undefined ? {} : { bestValidationLoss: lowest, bestEpoch };
  const trained = loss === undefined ? {} : { loss };
  return {
    stage: 'finetune',
    done: 0.5,
    finetune: {
      epoch,
      epochs: 9,
      sparsity: 0.8,
      ...(epoch > 1 && { checkpoint: epoch - 1 }),
      ...known,
      ...trained,
    },
  };
}

function watching() {
  const watch = new TrainingWatch();
  const changes: TrainingWatch['keepable'][] = [];
  watch.onDidChange = () => changes.push(watch.keepable);
  watch.start();
  return { watch, changes };
}

describe('what could be kept of a fine-tuning', () => {
  it('is nothing before the first step', () => {
    const { watch, changes } = watching();
    watch.take({ stage: 'prune', done: 0.1 });
    watch.take(within(1));
    watch.take(within(1, 0.9, 0));
    assert.equal(watch.keepable, undefined);
    assert.equal(watch.trained, false);
    assert.deepEqual(changes, []);
  });

  it('is what was trained of the first epoch from its first step on, though there is no checkpoint yet', () => {
    const { watch, changes } = watching();
    for (const loss of [0.8, 0.7, 0.6]) watch.take(within(1, 0.9, 0, loss));
    assert.equal(watch.trained, false);
    // The pruned weights are still the best, but now an epoch was measured too.
    watch.take(within(2, 0.9, 0));
    assert.equal(watch.trained, true);
    assert.deepEqual(changes, [
      { loss: 0.9, epoch: 0, inFirst: true },
      { loss: 0.9, epoch: 0, inFirst: false },
    ]);
  });

  it('is the epoch with the lowest loss, as soon as it is whole', () => {
    const { watch, changes } = watching();
    for (const [epoch, loss, best] of [
      [2, 0.7, 1],
      [3, 0.7, 1],
      [4, 0.6, 3],
      [5, 0.6, 3],
    ])
      watch.take(within(epoch, loss, best));
    assert.deepEqual(watch.keepable, { loss: 0.6, epoch: 3, inFirst: false });
    assert.deepEqual(changes, [
      { loss: 0.7, epoch: 1, inFirst: false },
      { loss: 0.6, epoch: 3, inFirst: false },
    ]);
  });

  it('is the pruned weights where no epoch was better', () => {
    const { watch } = watching();
    watch.take(within(2, 0.5, 0));
    watch.take(within(3, 0.5, 0));
    assert.deepEqual(watch.keepable, { loss: 0.5, epoch: 0, inFirst: false });
  });

  it('is nothing any more once the model is written, though it was trained', () => {
    const { watch, changes } = watching();
    watch.take(within(2, 0.7, 1));
    watch.take({ stage: 'write', done: 0.8 });
    assert.equal(watch.keepable, undefined);
    assert.equal(changes.at(-1), undefined);
    assert.equal(watch.trained, true);
    watch.start();
    assert.equal(watch.trained, false);
  });
});
