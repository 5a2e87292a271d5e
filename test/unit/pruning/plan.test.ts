import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Recipe, ScopeName } from '../../../extension/protocol/recipe.ts';
import { planOf } from '../../../extension/pruning/plan.ts';
import { type Prunable, prunablesOf } from '../../../extension/pruning/prunable.ts';
import { type CompetingSet, setsOf } from '../../../extension/pruning/scope.ts';
import { memoryLayer, memoryModel, memoryParameter } from '../../support/memoryModel.ts';
import { seeded } from '../../support/random.ts';

const lstm = memoryLayer({ name: 'a', inputSize: 3, hiddenSize: 2 }, seeded(1));
const gru = memoryLayer({ name: 'b', cell: 'GRU', inputSize: 2, hiddenSize: 3 }, seeded(2));
const model = memoryModel([lstm, gru]);

/** `a.k.i` for `a/kernel/i`. */
function short({ name }: Prunable): string {
  const [layer, matrix, gate] = name.split('/');
  return `${layer}.${matrix[0]}.${gate}`;
}

/** A set as text: its name, then layer/matrix/gate of each member. */
function shown({ name, members }: CompetingSet): string {
  return `${name}: ${members.map(short).join(' ')}`;
}

const expected: Record<ScopeName, string[]> = {
  gate: [
    'a/i: a.k.i a.r.i',
    'a/f: a.k.f a.r.f',
    'a/c: a.k.c a.r.c',
    'a/o: a.k.o a.r.o',
    'b/z: b.k.z b.r.z',
    'b/r: b.k.r b.r.r',
    'b/h: b.k.h b.r.h',
  ],
  matrix: [
    'a/kernel: a.k.i a.k.f a.k.c a.k.o',
    'a/recurrent: a.r.i a.r.f a.r.c a.r.o',
    'b/kernel: b.k.z b.k.r b.k.h',
    'b/recurrent: b.r.z b.r.r b.r.h',
  ],
  layer: ['a: a.k.i a.k.f a.k.c a.k.o a.r.i a.r.f a.r.c a.r.o', 'b: b.k.z b.k.r b.k.h b.r.z b.r.r b.r.h'],
  global: ['*: a.k.i a.k.f a.k.c a.k.o a.r.i a.r.f a.r.c a.r.o b.k.z b.k.r b.k.h b.r.z b.r.r b.r.h'],
};

for (const [scope, sets] of Object.entries(expected) as [ScopeName, string[]][]) {
  test(`scope ${scope} lets compete: ${sets.length} sets, each in canonical order`, () => {
    assert.deepEqual(setsOf(prunablesOf(model), scope).map(shown), sets);
  });
}

function planned(recipe: Recipe): [string, unknown][] {
  const plan = planOf(recipe, model);
  return plan.sets.map((set) => [shown(set), set.target]);
}

test('a gate with a target of its own is a set of its own in every layer; the rest follow the scope', () => {
  assert.deepEqual(planned({ sparsity: 0.5, scope: 'global', gates: { c: 0.2, r: 0.9 } }), [
    ['a/c: a.k.c a.r.c', { sparsity: 0.2 }],
    ['b/r: b.k.r b.r.r', { sparsity: 0.9 }],
    ['*: a.k.i a.k.f a.k.o a.r.i a.r.f a.r.o b.k.z b.k.h b.r.z b.r.h', { sparsity: 0.5 }],
  ]);
});

test('where every gate is named nothing is left for the scope', () => {
  const gates = { i: 0.1, f: 0.2, c: 0.3, o: 0.4, z: 0.5, r: 0.6, h: 0.7 };
  assert.deepEqual(
    planned({ gates }),
    expected.gate.map((set, i) => [set, { sparsity: (i + 1) / 10 }]),
  );
});

test('every prunable weight is in exactly one set', () => {
  for (const scope of ['gate', 'matrix', 'layer', 'global'] as const) {
    const plan = planOf({ sparsity: 0.5, scope, gates: { i: 0.9 } }, model);
    const members = plan.sets.flatMap((set) => set.members.map(({ view }) => view));
    assert.equal(new Set(members).size, 14);
    assert.equal(members.length, 14);
  }
});

test('what fits a name is divided by the scope and called by the name', () => {
  const targets = { '*/kernel': 0.9, 'b/recurrent/h': 0.1 };
  assert.deepEqual(planned({ sparsity: 0.5, targets }), [
    ['*/kernel (a): a.k.i a.k.f a.k.c a.k.o', { sparsity: 0.9 }],
    ['*/kernel (b): b.k.z b.k.r b.k.h', { sparsity: 0.9 }],
    ['b/recurrent/h: b.r.h', { sparsity: 0.1 }],
    ['a: a.r.i a.r.f a.r.c a.r.o', { sparsity: 0.5 }],
    ['b: b.r.z b.r.r', { sparsity: 0.5 }],
  ]);
  assert.deepEqual(planned({ sparsity: 0.5, scope: 'global', targets: { '*/kernel': 0.9 } }), [
    ['*/kernel: a.k.i a.k.f a.k.c a.k.o b.k.z b.k.r b.k.h', { sparsity: 0.9 }],
    ['*: a.r.i a.r.f a.r.c a.r.o b.r.z b.r.r b.r.h', { sparsity: 0.5 }],
  ]);
});

test('a gate and a layer of the same name are told apart', () => {
  const h = memoryLayer({ name: 'h', cell: 'RNN', inputSize: 1, hiddenSize: 1 }, seeded(3));
  const own = memoryModel([gru, h]);
  const plan = planOf({ sparsity: 0.5, gates: { h: 0.1 }, targets: { h: 0.9 } }, own);
  assert.deepEqual(
    plan.sets.map((set) => [shown(set), set.target]),
    [
      ['b/h: b.k.h b.r.h', { sparsity: 0.1 }],
      ['h: h.k.h h.r.h', { sparsity: 0.9 }],
      ['b: b.k.z b.k.r b.r.z b.r.r', { sparsity: 0.5 }],
    ],
  );
});

test('what is included by name is a layer of its own, or competes with the layer that it is a part of', () => {
  const dense = memoryParameter('dense/kernel', [2, 2], [1, 2, 3, 4]);
  const own = memoryModel([gru], [dense]);
  const sets = (recipe: Recipe) =>
    planOf(recipe, own).sets.map(({ name, members }) => [name, members.length]);
  const include = 'dense,b/bias';
  assert.deepEqual(sets({ sparsity: 0.5, include }), [
    ['b', 7],
    ['dense', 1],
  ]);
  assert.deepEqual(sets({ sparsity: 0.5, include, scope: 'matrix' }), [
    ['b/kernel', 3],
    ['b/recurrent', 3],
    ['b/bias', 1],
    ['dense/kernel', 1],
  ]);
  assert.deepEqual(sets({ sparsity: 0.5, include, scope: 'global' }), [['*', 8]]);
});
