import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { finetuneFacts } from '../../extension/protocol/finetuneFacts.ts';
import type { LabelName } from '../../extension/protocol/labels.ts';
import { numbersFor } from '../../extension/protocol/numbers.ts';
import { recipeFacts } from '../../extension/protocol/recipeFacts.ts';
import type { FinetuneReport } from '../../extension/protocol/report.ts';
import { sayWith } from '../../extension/protocol/wording.ts';
import { finetunedReport } from '../fixtures/pruneReport.ts';
import { chinese, english } from './report/translators.ts';

/** What is said of the course of a fine-tuning for so many epochs. */
function courseOf(epochs: number, changes: Partial<FinetuneReport>): string {
  const { finetune } = finetunedReport();
  assert.ok(finetune);
  const { resumedAt, ...rest } = finetune;
  const [[, course]] = finetuneFacts({ ...rest, ...changes }, { epochs }, sayWith(english), numbersFor('en'));
  return course;
}

describe('the course of a fine-tuning', () => {
  it('tells how many of its epochs were trained', () => {
    assert.equal(courseOf(3, { stopped: 'done', kept: 3 }), '3 of 3 epochs, weights of epoch 3');
  });

  it('counts one epoch as one', () => {
    const { finetune } = finetunedReport();
    const epochs = finetune?.epochs.slice(0, 1) ?? [];
    assert.equal(courseOf(1, { epochs, stopped: 'done', kept: 1 }), '1 epoch, weights of epoch 1');
  });

  it('tells why it ended before the last', () => {
    assert.equal(
      courseOf(5, { stopped: 'early' }),
      '3 of 5 epochs, stopped early: the validation loss stopped falling, weights of epoch 2',
    );
    assert.equal(courseOf(9, { stopped: 'cancelled' }), '3 of 9 epochs, stopped by hand, weights of epoch 2');
  });
});

describe('what was learned from', () => {
  const told = (changes: Partial<FinetuneReport>) => {
    const { finetune } = finetunedReport();
    assert.ok(finetune);
    const facts = finetuneFacts({ ...finetune, ...changes }, {}, sayWith(english), numbersFor('en'));
    return facts.find(([label]) => label === 'trainedBy')?.[1];
  };

  it('is told where the original was a teacher, with how outputs were compared', () => {
    assert.equal(
      told({ recovery: 'distillation', match: 'kl', temperature: 2, mix: 0.5 }),
      'Distillation from the original, KL divergence, temperature 2, 50.0% of the loss from it',
    );
    assert.equal(
      told({ recovery: 'unsupervised', match: 'mse' }),
      "Matching the original's outputs, squared error",
    );
  });

  it('has another name than what the recipe asked for, which a page may show above it', async () => {
    const { finetune } = finetunedReport();
    assert.ok(finetune);
    const recipe = { recovery: 'distillation', epochs: 3 } as const;
    for (const t of [english, await chinese()]) {
      const say = sayWith(t);
      const facts: [label: LabelName, text: string][] = [
        ...recipeFacts(recipe, say, numbersFor('en')),
        ...finetuneFacts({ ...finetune, recovery: 'distillation' }, recipe, say, numbersFor('en')),
      ];
      const names = facts.map(([label]) => say(label));
      assert.equal(new Set(names).size, names.length, names.join(', '));
    }
  });

  it('is not worth a line where it was the targets', () => {
    assert.equal(told({ recovery: 'supervised' }), undefined);
  });
});

describe('masks that changed while training', () => {
  const factsWith = (masks: FinetuneReport['masks']) => {
    const { finetune } = finetunedReport();
    assert.ok(finetune);
    const facts = finetuneFacts(
      { ...finetune, ...(masks && { masks }) },
      {},
      sayWith(english),
      numbersFor('en'),
    );
    return facts.find(([label]) => label === 'maskChanges')?.[1];
  };

  it('are told by how often and until when', () => {
    const masks = { updates: 20, lastStep: 1960, regrown: 0 };
    assert.equal(factsWith(masks), '20 ×, last after step 1,960');
  });

  it('are told with the weights that came back', () => {
    const masks = { updates: 3, lastStep: 30, regrown: 1505 };
    assert.equal(factsWith(masks), '3 ×, last after step 30, 1,505 weights came back');
  });

  it('are not told where there are none', () => {
    assert.equal(factsWith(undefined), undefined);
    assert.equal(factsWith({ updates: 0, lastStep: 0, regrown: 0 }), undefined);
  });
});
