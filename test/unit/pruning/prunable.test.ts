import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matrixName } from '../../../extension/model/evidence.ts';
import { gathered } from '../../../extension/model/gateView.ts';
import { fits, patternsOf } from '../../../extension/pruning/names.ts';
import { prunablesOf, type Selection } from '../../../extension/pruning/prunable.ts';
import { memoryLayer, memoryModel, memoryParameter } from '../../support/memoryModel.ts';
import { seeded } from '../../support/random.ts';
import { assertRefuses } from '../../support/throwsCode.ts';

/** An embedding, a plain RNN, the first half of a bidirectional GRU with reset after (biases [2, 3H]), and a dense layer. */
function mixedModel() {
  const next = seeded(1);
  const rnn = memoryLayer({ name: 'rnn', cell: 'RNN', inputSize: 2, hiddenSize: 2 }, next);
  const gru = memoryLayer(
    { name: 'both/forward', cell: 'GRU', inputSize: 2, hiddenSize: 1, biases: 2 },
    next,
  );
  const bias = { ...(gru.bias ?? assert.fail()), shape: [2, 3] };
  const gates = gru.gates.map((gate) => ({
    ...gate,
    biases: gate.biases.map((view) => ({ ...view, parameter: bias })),
  }));
  const others = [
    memoryParameter('embedding/embeddings', [4, 2], new Array(8).fill(1)),
    memoryParameter('dense/kernel', [1, 3], [1, 2, 3]),
    memoryParameter('dense/bias', [3], [1, 2, 3]),
    memoryParameter('norm/gamma', [2], [1, 1]),
  ];
  return memoryModel([rnn, { ...gru, gates, bias }], others);
}

/** Names of what is prunable, gates left out. */
function names(selection: Selection): string[] {
  return [...new Set(prunablesOf(mixedModel(), selection).map((one) => one.matrixName))];
}

const recurrent = ['rnn/kernel', 'rnn/recurrent', 'both/forward/kernel', 'both/forward/recurrent'];

test('recurrent matrices are prunable, and nothing else unless it is included', () => {
  assert.deepEqual(names({}), recurrent);
});

const included: [string, string[]][] = [
  ['dense', ['dense/kernel']],
  ['dense/bias', ['dense/bias']],
  ['dense/*', ['dense/kernel', 'dense/bias']],
  ['dense, embedding*', ['embedding/embeddings', 'dense/kernel']],
  ['*bias', ['rnn/bias', 'both/forward/bias', 'dense/bias']],
  ['*', ['embedding/embeddings', 'dense/kernel']],
  // Its bias has two axes, and its name a slash.
  ['both/forward', []],
  ['both', []],
  ['both/forward/bias', ['both/forward/bias']],
  ['norm/gamma', ['norm/gamma']],
  ['rnn', []],
];
for (const [include, added] of included) {
  test(`include "${include}" adds ${added.join(', ') || 'nothing that is not prunable anyway'}`, () => {
    const found = names({ include });
    assert.deepEqual(found.slice(0, 4), recurrent);
    assert.deepEqual(found.slice(4).sort(), [...added].sort());
  });
}

const excluded: [Selection, string[]][] = [
  [{ exclude: 'rnn' }, recurrent.slice(2)],
  [{ exclude: '*/kernel' }, ['rnn/recurrent', 'both/forward/recurrent']],
  [{ exclude: 'both/forward/recurrent,rnn/kernel' }, ['rnn/recurrent', 'both/forward/kernel']],
  [{ include: '*', exclude: 'embedding,rnn,both' }, ['dense/kernel']],
  [{ exclude: 'dense' }, recurrent],
];
for (const [selection, left] of excluded) {
  test(`${JSON.stringify(selection)} leaves ${left.join(', ')}`, () => {
    assert.deepEqual(names(selection).sort(), [...left].sort());
  });
}

test('single gates are excluded by their names', () => {
  const prunables = prunablesOf(mixedModel(), { exclude: '*/kernel/r,both/forward/recurrent/z' });
  const own = prunables.filter(({ owner }) => owner === 'both/forward').map(({ name }) => name);
  assert.deepEqual(
    own,
    ['kernel/z', 'kernel/h', 'recurrent/r', 'recurrent/h'].map((name) => `both/forward/${name}`),
  );
});

test('a kernel’s columns are what it reads, and a vector has one', () => {
  const shapes = prunablesOf(mixedModel(), { include: 'dense/*,embedding' })
    .filter(({ part }) => !part)
    .map(({ name, owner, view: { rows, columns } }) => [name, owner, rows, columns]);
  assert.deepEqual(shapes.sort(), [
    ['dense/bias', 'dense', 3, 1],
    ['dense/kernel', 'dense', 3, 1],
    ['embedding/embeddings', 'embedding', 2, 4],
  ]);
});

test('evidence about a gate is found by the name of its matrix', () => {
  const [{ part, matrixName: name }] = prunablesOf(mixedModel());
  assert.equal(name, matrixName(part?.layer ?? assert.fail(), 'kernel'));
});

test('a pattern that stands for nothing is refused with the names that there are', async () => {
  for (const selection of [
    { include: 'densee' },
    { exclude: 'lstm' },
    { include: 'norm' },
    { exclude: 'Rnn' },
  ]) {
    const [pattern] = Object.values(selection);
    await assertRefuses(() => names(selection), 'nameUnknown', `"${pattern}"`, 'rnn/kernel', 'norm/gamma');
  }
});

test('to exclude everything is refused', () =>
  assertRefuses(() => names({ exclude: 'rnn,both' }), 'nothingToPrune', '"rnn,both"'));

test('a pattern stands for a whole name or for all that lies under it', () => {
  const stands: [string, string, boolean][] = [
    ['lstm', 'lstm/kernel/i', true],
    ['lstm', 'lstm_1/kernel/i', false],
    ['lstm*', 'lstm_1/kernel/i', true],
    ['*/kernel', 'lstm/kernel/i', true],
    ['*/kernel', 'lstm/recurrent/i', false],
    ['*/i', 'lstm/kernel/i', true],
    ['a/*/i', 'a/kernel/i', true],
    ['kernel', 'lstm/kernel/i', false],
    ['Lstm', 'lstm/kernel', false],
    // No sign but the star has a meaning of its own.
    ['l.tm', 'lstm/kernel', false],
    ['a(1)+', 'a(1)+/kernel', true],
    ['[ab]', 'a/kernel', false],
  ];
  for (const [pattern, name, stand] of stands) assert.equal(fits(pattern, name), stand, `${pattern} ${name}`);
});

test('patterns are told apart by commas', () => {
  assert.deepEqual(patternsOf(' a , b/*,,c '), ['a', 'b/*', 'c']);
  assert.deepEqual([patternsOf(''), patternsOf(undefined)], [[], []]);
});

test('a name stands for what lies in it behind a dot, too, as PyTorch names it', () => {
  assert.ok(fits('rnn', 'rnn.l0/kernel/i') && fits('encoder', 'encoder.rnn.l0_reverse'));
  assert.ok(!fits('rnn', 'rnn2.l0') && !fits('l0', 'rnn.l0'));
});

test('the rows of a matrix that is kept [out, in] are its outputs, and its layer is what stands before the last dot', () => {
  const weight = memoryParameter('fc.weight', [2, 3], [1, 2, 3, 4, 5, 6]);
  const { layers, parameters } = memoryModel(
    [memoryLayer({ inputSize: 1, hiddenSize: 1 }, seeded(1))],
    [weight],
  );
  const [{ view, owner }] = prunablesOf(
    { layers, parameters, transposed: new Set([weight]) },
    { include: 'fc' },
  ).slice(-1);
  assert.equal(owner, 'fc');
  assert.deepEqual([view.rows, view.columns], [2, 3]);
  assert.deepEqual([...gathered(view, weight.values)], [1, 2, 3, 4, 5, 6]);
});
