import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HeadKind } from '../../../extension/model/loss.ts';
import type { FinetuneOptions } from '../../../extension/protocol/recipe.ts';
import type { GraphOutputKind } from '../../../extension/training/output.ts';
import {
  type OutputMeaning,
  taught,
  teachingFactors,
  teachingLoss,
  teachingOf,
} from '../../../extension/training/teaching.ts';
import { assertRefuses } from '../../support/throwsCode.ts';
import { loss, tensor } from './losses.ts';

const file = 'model.h5';
const output = (kind: HeadKind): GraphOutputKind => ({ kind, value: 'z', shape: [null, 2] });
const chosen = (recipe: FinetuneOptions, kind: HeadKind, meaning: Partial<OutputMeaning> = {}) =>
  teachingOf(recipe, output(kind), { file, ...meaning });

test('nobody teaches unless asked to', () => {
  assert.equal(chosen({}, 'softmax'), undefined);
  assert.equal(chosen({ recovery: 'supervised' }, 'softmax'), undefined);
});

test('probabilities are compared by their divergence, linear outputs by squared error, unless asked otherwise', () => {
  const distillation = { recovery: 'distillation' } as const;
  for (const head of ['softmax', 'sigmoid'] as const) {
    assert.deepEqual(chosen(distillation, head), { head, temperature: 2, mix: 0.5 });
    assert.deepEqual(chosen({ recovery: 'unsupervised' }, head), { head, temperature: 1 });
    const asked = { ...distillation, temperature: 5, mix: 0.9, match: 'kl' } as const;
    assert.deepEqual(chosen(asked, head), { head, temperature: 5, mix: 0.9 });
    const errors = { head: 'linear', temperature: 1, mix: 0.5 };
    assert.deepEqual(chosen({ ...distillation, match: 'mse' }, head), errors);
  }
  assert.deepEqual(chosen(distillation, 'linear'), { head: 'linear', temperature: 1, mix: 0.5 });
});

test('linear outputs that a cross-entropy takes as logits are probabilities', async () => {
  const recipe = { recovery: 'unsupervised' } as const;
  const headOf = (meaning: Partial<OutputMeaning>) => chosen(recipe, 'linear', meaning)?.head;
  const logits = (name: 'binary_crossentropy' | 'sparse_categorical_crossentropy') =>
    loss(name, 'linear', 2, true);
  assert.equal(headOf({ loss: logits('sparse_categorical_crossentropy') }), 'softmax');
  assert.equal(headOf({ loss: logits('binary_crossentropy') }), 'sigmoid');
  assert.equal(headOf({ loss: loss('mean_squared_error', 'linear', 2) }), 'linear');
  // Without targets the file's own loss tells.
  assert.equal(headOf({ training: { loss: 'CategoricalCrossentropy', fromLogits: true } }), 'softmax');
  assert.equal(headOf({ training: { loss: 'CategoricalCrossentropy', fromLogits: false } }), 'linear');
  assert.equal(headOf({ training: { loss: 'mse' } }), 'linear');
  const known = loss('mean_squared_error', 'linear', 2);
  assert.equal(headOf({ loss: known, training: { loss: 'bce', fromLogits: true } }), 'linear');
  await assertRefuses(() => chosen({ ...recipe, match: 'kl' }, 'linear'), 'matchLinear', file);
});

test('a temperature divides the logits before they become probabilities', () => {
  const rows = tensor([2, 1, 2], [2 * Math.log(3), 0, 4, 4]);
  const of = (head: HeadKind, temperature: number) =>
    Array.from(taught(rows, { head, temperature }, 2).data, (value) => Number(value.toFixed(6)));
  assert.deepEqual(of('softmax', 2), [0.75, 0.25, 0.5, 0.5]);
  assert.deepEqual(of('softmax', 1), [0.9, 0.1, 0.5, 0.5]);
  assert.deepEqual(of('sigmoid', 2).slice(0, 2), [0.75, 0.5]);
  assert.deepEqual(taught(rows, { head: 'linear', temperature: 1 }, 2), rows);
  assert.deepEqual(taught(rows, { head: 'softmax', temperature: 2 }, 2).shape, [2, 1, 2]);
});

test('T² makes up for what T takes from the gradient, where there are targets to be weighed against', () => {
  assert.deepEqual(teachingFactors({ head: 'softmax', temperature: 3, mix: 0.25 }), {
    teacher: 2.25,
    targets: 0.75,
  });
  assert.deepEqual(teachingFactors({ head: 'softmax', temperature: 3 }), { teacher: 1, targets: 0 });
});

test('what is lowered is a divergence of probabilities, or a squared error', () => {
  const named = (head: HeadKind) => {
    const { name, width, fromLogits, divergence = false } = teachingLoss({ head, temperature: 1 }, 7);
    return [name, width, fromLogits, divergence];
  };
  assert.deepEqual(named('softmax'), ['categorical_crossentropy', 7, true, true]);
  assert.deepEqual(named('sigmoid'), ['binary_crossentropy', 7, true, true]);
  assert.deepEqual(named('linear'), ['mean_squared_error', 7, false, false]);
});
