import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HeadKind } from '../../../extension/model/loss.ts';
import type { Tensor } from '../../../extension/model/tensor.ts';
import { lossNamed } from '../../../extension/protocol/losses.ts';
import { chooseLoss, type LossQuestion } from '../../../extension/training/losses/choose.ts';
import { assertRefuses } from '../../support/throwsCode.ts';
import { tensor, whole } from './losses.ts';

type Shape = readonly (number | null)[];

function choose(
  kind: HeadKind,
  shape: Shape,
  targets: Tensor,
  rest: Pick<LossQuestion, 'requested' | 'training'> = {},
) {
  const { loss, notes } = chooseLoss({ ...rest, output: { kind, shape }, targets, file: 'data.npz' });
  return { name: loss.name, fromLogits: loss.fromLogits, width: loss.width, notes };
}

const logits = (name: string, width: number) => ({ name, fromLogits: true, width, notes: [] });
const plain = (name: string, width: number) => ({ name, fromLogits: false, width, notes: [] });

test('a softmax takes cross-entropy, sparse for class indices', () => {
  const sparse = logits('sparse_categorical_crossentropy', 3);
  assert.deepEqual(choose('softmax', [null, 3], whole([2], [0, 2])), sparse);
  assert.deepEqual(choose('softmax', [null, 3], whole([2, 1], [0, 2])), sparse);
  assert.deepEqual(choose('softmax', [null, null, 3], whole([1, 2], [0, 2])), sparse);
  assert.deepEqual(choose('softmax', [null, 2, 3], whole([1, 2, 1], [0, 2])), sparse);
  // Indices that a csv or a careless script stored as floats
  assert.deepEqual(choose('softmax', [null, 3], tensor([2], [0, 2])), sparse);
  const rows = tensor([2, 3], [1, 0, 0, 0.5, 0.5, 0]);
  assert.deepEqual(choose('softmax', [null, 3], rows), logits('categorical_crossentropy', 3));
});

test('a sigmoid takes binary cross-entropy', () => {
  const one = logits('binary_crossentropy', 1);
  assert.deepEqual(choose('sigmoid', [null, 1], tensor([2, 1], [0, 1])), one);
  assert.deepEqual(choose('sigmoid', [null, 1], whole([2], [0, 1])), one);
  assert.deepEqual(choose('sigmoid', [null, 5, 1], whole([1, 5], [0, 1, 1, 1, 0])), one);
  assert.deepEqual(choose('sigmoid', [null, 2], whole([1, 2], [0, 1])), logits('binary_crossentropy', 2));
});

test('linear outputs take mean squared error', () => {
  assert.deepEqual(choose('linear', [null, 1], tensor([2, 1], [0.5, 1])), plain('mean_squared_error', 1));
  assert.deepEqual(choose('linear', [null, 1], whole([3], [0, 1, 2])), plain('mean_squared_error', 1));
  assert.deepEqual(choose('linear', [null, 2], tensor([1, 2], [0.5, 1])), plain('mean_squared_error', 2));
  assert.deepEqual(choose('linear', [null, 2], whole([1, 2], [5, 7])), plain('mean_squared_error', 2));
  assert.deepEqual(choose('linear', [null], tensor([2], [0.5, 3])), plain('mean_squared_error', 1));
  assert.deepEqual(choose('linear', [null, null], tensor([1, 2], [0.5, 3])), plain('mean_squared_error', 1));
});

test('whole targets with several linear outputs take cross-entropy from logits', () => {
  const sparse = logits('sparse_categorical_crossentropy', 3);
  assert.deepEqual(choose('linear', [null, 3], whole([2], [0, 2])), sparse);
  assert.deepEqual(choose('linear', [null, 4, 3], whole([1, 4], [0, 2, 1, 1])), sparse);
  const rows = whole([2, 3], [1, 0, 0, 0, 0, 1]);
  assert.deepEqual(choose('linear', [null, 3], rows), logits('categorical_crossentropy', 3));
});

test('where two losses fit, neither is guessed', async () => {
  for (const targets of [tensor([3, 1], [0, 1, 1]), whole([3], [0, 0, 0])]) {
    await assertRefuses(() => choose('linear', [null, 1], targets), 'lossAmbiguous', 'data.npz', '--loss');
  }
  const rows = tensor([2, 2], [1, 0, 0, 1]);
  await assertRefuses(() => choose('linear', [null, 2], rows), 'lossAmbiguousOneHot', '--loss');
  const requested = 'binary_crossentropy';
  assert.deepEqual(choose('linear', [null, 1], whole([1], [1]), { requested }), logits(requested, 1));
});

test('--loss goes before the file’s own, and that before a guess', () => {
  const targets = tensor([2, 1], [0, 1]);
  const training = { loss: 'mean_squared_error' };
  assert.deepEqual(choose('sigmoid', [null, 1], targets, { training }), plain('mean_squared_error', 1));
  const both = { training, requested: 'mae' };
  assert.deepEqual(choose('sigmoid', [null, 1], targets, both), plain('mean_absolute_error', 1));
});

test('what linear outputs mean to a cross-entropy is for the file to say', () => {
  const targets = tensor([2, 1], [0, 1]);
  const loss = 'binary_crossentropy';
  const of = (training: LossQuestion['training']) => choose('linear', [null, 1], targets, { training });
  assert.deepEqual(of({ loss, fromLogits: true }), logits(loss, 1));
  assert.deepEqual(of({ loss, fromLogits: false }), plain(loss, 1));
  assert.deepEqual(of({ loss }), plain(loss, 1));
  const asked = { requested: loss, training: { loss } };
  assert.deepEqual(choose('linear', [null, 1], targets, asked), plain(loss, 1));
});

test('a sigmoid or softmax gives its logits, whatever the file says of from_logits', () => {
  const training = { loss: 'binary_crossentropy', fromLogits: false };
  assert.deepEqual(
    choose('sigmoid', [null, 1], tensor([1, 1], [1]), { training }),
    logits('binary_crossentropy', 1),
  );
  const crossed = { requested: 'binary_crossentropy' };
  assert.deepEqual(
    choose('softmax', [null, 2], tensor([1, 2], [1, 0]), crossed),
    plain('binary_crossentropy', 2),
  );
});

test('the file’s categorical cross-entropy follows the form of the targets', () => {
  const indices = whole([2], [0, 2]);
  const rows = tensor([1, 3], [1, 0, 0]);
  const training = { loss: 'categorical_crossentropy' };
  assert.equal(choose('softmax', [null, 3], indices, { training }).name, 'sparse_categorical_crossentropy');
  const sparse = { loss: 'sparse_categorical_crossentropy' };
  assert.equal(choose('softmax', [null, 3], rows, { training: sparse }).name, 'categorical_crossentropy');
});

test('a loss of the file that is not known is replaced, and that is said', () => {
  const training = { loss: 'my_focal_loss' };
  const { name, notes } = choose('sigmoid', [null, 1], tensor([1, 1], [1]), { training });
  assert.equal(name, 'binary_crossentropy');
  const args = { loss: 'my_focal_loss', used: 'binary_crossentropy' };
  assert.deepEqual(notes, [{ code: 'noteLossUnknown', args }]);
});

test('the loss of the file keeps its arguments, asked for or not, and another has none', () => {
  const training = { loss: 'Huber', lossOptions: { delta: 2 } };
  const optionsOf = (requested?: string) =>
    chooseLoss({
      ...{ training, requested, targets: tensor([1, 1], [0.5]), file: 'data.npz' },
      output: { kind: 'linear', shape: [null, 1] },
    }).loss.options;
  assert.deepEqual(optionsOf(), { delta: 2 });
  assert.deepEqual(optionsOf('huber'), { delta: 2 });
  assert.equal(optionsOf('mse'), undefined);
});

test('a focal loss from logits is taken of the probabilities behind them', () => {
  const ask = (fromLogits: boolean) =>
    chooseLoss({
      training: { loss: 'CategoricalFocalCrossentropy', fromLogits },
      ...{ targets: tensor([1, 2], [0, 1]), file: 'data.npz', output: { kind: 'linear', shape: [null, 2] } },
    }).loss;
  assert.deepEqual([ask(true).head, ask(true).fromLogits], ['softmax', false]);
  assert.deepEqual([ask(false).head, ask(false).fromLogits], ['linear', false]);
});

test('a loss that the file scales is the mean here, and that is said', () => {
  const training = { loss: 'mse', scaling: 'reduction = sum' };
  const { notes } = choose('linear', [null, 1], tensor([1, 1], [0.5]), { training });
  assert.deepEqual(notes, [{ code: 'noteLossScaled', args: { setting: 'reduction = sum' } }]);
});

test('a loss that is asked for and not known is refused with the list', async () => {
  const ask = () => choose('sigmoid', [null, 1], tensor([1, 1], [1]), { requested: 'circle' });
  await assertRefuses(ask, 'lossUnknown', 'circle', 'mean_squared_error');
});

test('a loss that cannot take the targets is refused with both shapes', async () => {
  const ask = (requested: string, targets: Tensor) => () =>
    choose('softmax', [null, 3], targets, { requested });
  await assertRefuses(ask('categorical_crossentropy', whole([2], [0, 2])), 'lossMismatch', '[N]', '[N, 3]');
  const rows = tensor([1, 3], [1, 0, 0]);
  await assertRefuses(ask('sparse_categorical_crossentropy', rows), 'lossMismatch');
  const fractions = tensor([2], [0.5, 1]);
  await assertRefuses(ask('sparse_categorical_crossentropy', fractions), 'lossMismatch');
  await assertRefuses(() => choose('softmax', [null, 3], fractions), 'lossMismatch');
  await assertRefuses(() => choose('sigmoid', [null, 3], whole([2], [0, 2])), 'lossMismatch');
  await assertRefuses(ask('mse', whole([2], [0, 2])), 'lossMismatch', 'mean_squared_error');
});

test('losses are known by function, class and short names', () => {
  const names = {
    mse: 'mean_squared_error',
    MSE: 'mean_squared_error',
    MeanSquaredError: 'mean_squared_error',
    'mae ': 'mean_absolute_error',
    BinaryCrossentropy: 'binary_crossentropy',
    bce: 'binary_crossentropy',
    SparseCategoricalCrossentropy: 'sparse_categorical_crossentropy',
    sparse_categorical_crossentropy: 'sparse_categorical_crossentropy',
    Huber: 'huber',
    huber_loss: 'huber',
    my_own: undefined,
  };
  for (const [spelling, name] of Object.entries(names)) assert.equal(lossNamed(spelling), name);
});

test('labels of sequences have a length of their own', async () => {
  const training = { loss: 'CTC' };
  const labels = whole([2, 3], [1, 2, 0, 1, 0, 0]);
  assert.deepEqual(choose('linear', [null, 9, 4], labels, { training }), plain('ctc', 4));
  assert.deepEqual(choose('softmax', [null, null, 4], labels, { requested: 'ctc' }), plain('ctc', 4));
  await assertRefuses(
    () => choose('linear', [null, 4], labels, { training }),
    'lossMismatch',
    '[N, 3]',
    '[N, 4]',
  );
  await assertRefuses(
    () => choose('linear', [null, 9, 4], tensor([1, 2], [1.5, 0]), { training }),
    'lossMismatch',
  );
});

test('axes of a loss are those of its rows, its samples or its batch, or make it one that is not known', () => {
  const bits = tensor([1, 2, 3], [0, 1, 1, 0, 0, 1]);
  const along = (loss: string, axes?: readonly number[]) => {
    const training = { loss, ...(axes && { lossOptions: { axes } }) };
    const question = {
      output: { kind: 'sigmoid', shape: [null, 2, 3] },
      targets: bits,
      file: 'data.npz',
    } as const;
    const { loss: chosen, notes } = chooseLoss({ ...question, training });
    return [chosen.name, chosen.options?.over, notes.map(({ args }) => args?.loss).join()];
  };
  assert.deepEqual(along('Dice'), ['dice', undefined, '']);
  assert.deepEqual(along('Dice', [0, -1, 1]), ['dice', undefined, '']);
  assert.deepEqual(along('Tversky', [1, 2]), ['tversky', 'sample', '']);
  assert.deepEqual(along('Tversky', [-1]), ['tversky', 'row', '']);
  assert.deepEqual(along('Dice', [1]), ['binary_crossentropy', undefined, 'Dice, axis 1']);
  assert.deepEqual(along('Dice', [5]), ['binary_crossentropy', undefined, 'Dice, axis 5']);
  assert.deepEqual(along('BinaryCrossentropy', [2]), ['binary_crossentropy', undefined, '']);
  assert.deepEqual(along('CosineSimilarity', [1]), [
    'binary_crossentropy',
    undefined,
    'CosineSimilarity, axis 1',
  ]);
});
