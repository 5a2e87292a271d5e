import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { fill, labels, type Say } from '../../extension/protocol/labels.ts';
import { numbersFor } from '../../extension/protocol/numbers.ts';
import { searchMeasures } from '../../extension/protocol/searchMeasures.ts';
import { trialText } from '../../extension/protocol/trialText.ts';
import { autoReport } from '../fixtures/autoReport.ts';

const say: Say = (label, args = {}) => fill(labels[label], args);

describe('the measures of a search', () => {
  it('set the chosen trial beside the model as it is', () => {
    const lines = searchMeasures(autoReport(), say).map(
      ({ label, before, after }) => [label, before, after] as const,
    );
    assert.deepEqual(lines, [
      ['sparsity', 0, 1 - 2371 / 10_000],
      ['validationLoss', 0.5, 0.509],
      ['lossOnPart', 0.51, 0.519],
      ['fileSize', 48_000, 48_000],
      ['gzipSize', 44_000, 4000 + 4 * 2371],
      ['nonzero', 10_000, 2371],
    ]);
  });

  it('name the part that nothing was chosen by', () => {
    const [, , reported] = searchMeasures(autoReport(), say);
    assert.equal(say(reported.label, reported.args), 'Loss (test part)');
  });
});

describe('a point of the front chart', () => {
  const text = (id: number) => trialText(autoReport(), id, say, numbersFor('en'));

  it('is told in words, with what it means for the budget', () => {
    assert.equal(text(4), 'Trial 4: 2,371 nonzero weights, validation loss 0.509, chosen');
    assert.equal(text(2), 'Trial 2: 3,162 nonzero weights, validation loss 0.502, within');
    assert.match(text(5) ?? '', /beyond$/);
  });

  it('is none where the trial failed', () => assert.equal(text(3), undefined));
});
