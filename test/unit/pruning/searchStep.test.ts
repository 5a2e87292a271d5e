import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type SearchState, searchStep, type TriedLevel } from '../../../extension/pruning/searchStep.ts';

type Family = 'gates' | 'uniform';
interface Limits {
  /** What must remain for the loss to be within the budget, of each family. */
  readonly gates: number;
  readonly uniform?: number;
  readonly present?: number;
  readonly most?: number;
}

/** The whole course of a search whose trials are within the budget down to a limit. */
function course({ gates, uniform, present = 1, most = Infinity }: Limits): TriedLevel<Family>[] {
  const limits = { gates, uniform: uniform ?? 0 };
  const families: SearchState<Family>['families'] = uniform === undefined ? ['gates'] : ['gates', 'uniform'];
  const tried: TriedLevel<Family>[] = [];
  for (;;) {
    const level = searchStep({ families, present, tried, left: most - tried.length });
    if (!level) return tried;
    assert.ok(tried.length < 50, 'it does not end');
    const { family, remaining } = level;
    // The further above its limit, the lower the loss.
    tried.push({ family, remaining, within: remaining >= limits[family], loss: limits[family] / remaining });
  }
}

const levels = (tried: readonly TriedLevel<Family>[]) => tried.map(({ remaining }) => remaining);
const sparsest = (tried: readonly TriedLevel<Family>[]) =>
  Math.min(...levels(tried.filter(({ within }) => within)));
const near = (a: number, b: number) => Math.abs(a - b) < 1e-12;

describe('a search for the sparsest model', () => {
  test('begins with a tenth, and halves the logarithm between what is within the budget and what is not', () => {
    const found = levels(course({ gates: 0.2 }));
    const root = (a: number, b: number) => Math.sqrt(a * b);
    const [first, second, third, fourth] = found;
    assert.equal(first, 0.1);
    assert.ok(near(second, root(1, 0.1)));
    assert.ok(near(third, root(second, 0.1)));
    assert.ok(near(fourth, root(second, third)));
  });

  test('goes on by half a power of ten as long as nothing is beyond the budget', () => {
    const found = levels(course({ gates: 0.004 }));
    for (const [i, expected] of [0.1, 0.1 / Math.sqrt(10), 0.01, 0.01 / Math.sqrt(10)].entries())
      assert.ok(near(found[i], expected), `${found[i]}`);
    assert.ok(near(found[4], 0.01 / 10 ** 0.25));
  });

  for (const gates of [0.9, 0.5, 0.2, 0.0999, 0.03, 0.004, 0.0005])
    test(`comes within 5 % of the limit ${gates}, from the side that is within`, () => {
      const found = sparsest(course({ gates }));
      assert.ok(found >= gates && found <= gates * 1.05, `${found}`);
    });

  test('begins with what the model has where it is sparse already', () => {
    const tried = course({ gates: 0.02, present: 0.3 });
    assert.ok(near(tried[0].remaining, 0.03));
    assert.ok(tried.every(({ remaining }) => remaining < 0.3));
  });

  test('ends where nothing is left to take away, and where nothing may be taken away', () => {
    assert.ok(sparsest(course({ gates: 0 })) >= 1e-4);
    const none = course({ gates: 2 });
    assert.ok(none.length < 12 && none.every(({ within }) => !within));
  });

  test('compares the second family with the first at the best level, once that is known', () => {
    const tried = course({ gates: 0.2, uniform: 0.25 });
    const own = tried.filter(({ family }) => family === 'gates');
    const compared = tried.filter(({ family }) => family === 'uniform');
    assert.deepEqual(levels(compared), [sparsest(own)]);
    assert.equal(tried.at(-1), compared[0]);
  });

  test('goes on with the second where it is better there', () => {
    const tried = course({ gates: 0.2, uniform: 0.12 });
    const found = sparsest(tried.filter(({ family }) => family === 'uniform'));
    assert.ok(found >= 0.12 && found <= 0.12 * 1.05, `${found}`);
  });

  test('takes the nearest level where none is within the budget', () => {
    const tried = course({ gates: 2, uniform: 3 });
    const own = levels(tried.filter(({ family }) => family === 'gates'));
    assert.deepEqual(levels(tried.filter(({ family }) => family === 'uniform')), [Math.max(...own)]);
  });

  test('keeps the last of the trials that there is room for to compare', () => {
    for (const most of [3, 4, 6]) {
      const tried = course({ gates: 0.2, uniform: 0.25, most });
      assert.equal(tried.length, most);
      assert.deepEqual(
        tried.map(({ family }) => family),
        [...Array(most - 1).fill('gates'), 'uniform'],
      );
    }
    assert.deepEqual(levels(course({ gates: 0.2, uniform: 0.25, most: 1 })), [0.1]);
    assert.deepEqual(course({ gates: 0.2, most: 0 }), []);
  });

  test('keeps no trial to compare as long as none is within the budget', () => {
    const tried = course({ gates: 0.6, uniform: 0.7, most: 3 });
    assert.ok(tried.every(({ family }) => family === 'gates'));
    const steps = [0.1, 0.1 ** 0.5, 0.1 ** 0.25];
    for (const [i, expected] of steps.entries()) assert.ok(near(levels(tried)[i], expected));
    assert.equal(course({ gates: 0.5, uniform: 0.7, most: 4 }).at(-1)?.family, 'uniform');
  });

  test('takes a trial that came to nothing for one beyond the budget', () => {
    const failed = { family: 'gates', remaining: 0.1, within: false, loss: Infinity } as const;
    const next = searchStep<Family>({ families: ['gates'], present: 1, tried: [failed], left: 3 });
    assert.ok(near(next?.remaining ?? 0, Math.sqrt(0.1)));
  });
});
