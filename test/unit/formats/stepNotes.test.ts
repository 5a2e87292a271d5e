import assert from 'node:assert/strict';
import { test } from 'node:test';
import { modulesOf } from '../../../extension/formats/stateDict/modules.ts';
import { stepNotes } from '../../../extension/formats/stateDict/stepNotes.ts';
import type { ModuleFacts } from '../../../extension/formats/stateDict/tensors.ts';
import type { DescribedLayer } from '../../../extension/protocol/modelDescription.ts';
import { memoryParameter } from '../../support/memoryModel.ts';

const shapes = {
  'emb.weight': [5, 3],
  'both.weight_ih_l0': [8, 3],
  'both.weight_hh_l0': [8, 2],
  'both.weight_ih_l0_reverse': [8, 3],
  'both.weight_hh_l0_reverse': [8, 2],
  'one.weight_ih_l0': [8, 4],
  'one.weight_hh_l0': [8, 2],
};
const tensors = Object.entries(shapes).map(([name, shape]) => {
  const values = Array(shape.reduce((product, n) => product * n, 1)).fill(1);
  return { name, shape, dtype: 'F32', parameter: memoryParameter(name, shape, values) };
});
const embedding = { kind: 'embedding', name: 'emb' } as const;
const both = { kind: 'lstm', name: 'both' } as const;
const one = { kind: 'lstm', name: 'one' } as const;

function notesOf(layers: readonly DescribedLayer[], options: Record<string, unknown> = {}) {
  const facts: ModuleFacts = { className: 'Embedding', options: new Map(Object.entries(options)) };
  const modules = modulesOf({ tensors, inOrder: true, modules: new Map([['emb', facts]]) }, 'f');
  return stepNotes(layers, modules, 'm.json').map(({ code, args }) => [code, args.module ?? args.layer]);
}

test('that both directions are read at the last step is said where they are', () => {
  assert.deepEqual(notesOf([both, 'last']), [['noteLastOfBoth', 'both']]);
  assert.deepEqual(notesOf([both, 'final']), []);
  assert.deepEqual(notesOf([both, one, 'last']), []);
  assert.deepEqual(notesOf([both]), []);
});

test('that every step counts is said of token ids, with the token that an embedding says to be padding', () => {
  assert.deepEqual(notesOf([embedding, both]), [['noteEveryStep', '{ "embedding": "emb", "padding": 0 }']]);
  assert.deepEqual(notesOf([embedding, both], { padding_idx: 3 }), [['notePaddingCounts', 'emb']]);
  assert.deepEqual(notesOf([embedding, both], { padding_idx: null }), [
    ['noteEveryStep', '{ "embedding": "emb", "padding": 0 }'],
  ]);
});
