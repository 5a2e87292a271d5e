import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { SearchWatch } from '../../../extension/host/commands/searchWatch.ts';
import type { JobProgress, SearchProgress } from '../../../extension/protocol/requests.ts';

const trial = (number: number, best?: number): JobProgress => {
  const search: SearchProgress = { trial: number, sparsity: 0.9 };
  if (best !== undefined) search.best = { trial: best, sparsity: 0.8 };
  return { stage: 'prune', done: 0.5, search };
};

describe('what could be kept of a search', () => {
  let watch: SearchWatch;
  let changes: number;

  beforeEach(() => {
    watch = new SearchWatch();
    changes = 0;
    watch.onDidChange = () => changes++;
  });

  it('is nothing before a trial is within the budget', () => {
    watch.take({ stage: 'sensitivity', done: 0.05 });
    watch.take(trial(1));
    watch.take(trial(2));
    assert.deepEqual([watch.best, changes], [undefined, 0]);
  });

  it('is the best trial, and told anew when another takes its place', () => {
    watch.take(trial(2, 1));
    watch.take(trial(3, 1));
    assert.deepEqual([watch.best?.trial, changes], [1, 1]);
    watch.take(trial(4, 3));
    assert.deepEqual([watch.best?.trial, changes], [3, 2]);
  });

  it('is nothing any more once the output is written, or the search has failed', () => {
    watch.take(trial(2, 1));
    watch.take({ stage: 'write', done: 1 });
    assert.deepEqual([watch.best, changes], [undefined, 2]);
    watch.take(trial(2, 1));
    watch.end();
    assert.deepEqual([watch.best, changes], [undefined, 4]);
  });

  it('counts the trials that are whole, to the end', () => {
    assert.equal(watch.done, 0);
    watch.take(trial(1));
    assert.equal(watch.done, 0);
    watch.take(trial(4, 2));
    watch.end();
    assert.equal(watch.done, 3);
  });
});
