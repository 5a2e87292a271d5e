import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assumedLayers } from '../../../extension/formats/stateDict/assume.ts';
import { chainOf } from '../../../extension/formats/stateDict/chain.ts';
import { linksOf } from '../../../extension/formats/stateDict/links.ts';
import { descriptionText } from '../../../extension/protocol/modelDescription.ts';
import { processorLimit } from '../../support/processorLimit.ts';
import { linear, modules, type Options, recurrent, rnn } from './moduleTensors.ts';

/** The description that is inferred, or why none is. */
function inferred(shapes: Record<string, readonly number[]>, options?: Options): string | unknown[] {
  const own = modules(shapes, options);
  const chain = chainOf(linksOf(own), own.inOrder);
  return typeof chain === 'string' ? chain : JSON.parse(descriptionText(assumedLayers(chain, own))).layers;
}

const bn = (path: string, width: number) =>
  Object.fromEntries(
    ['weight', 'bias', 'running_mean', 'running_var'].map((role) => [`${path}.${role}`, [width]]),
  );

describe('how modules follow each other', () => {
  test('is what their widths leave, whatever order the file has them in', () => {
    const shapes = { ...linear('a', 8, 2), ...linear('b', 4, 8), 'c.weight': [9, 3], ...rnn };
    assert.deepEqual(inferred(shapes), [
      { embedding: 'c' },
      { lstm: 'rnn' },
      'last',
      { linear: 'b' },
      'relu',
      { linear: 'a' },
    ]);
  });

  test('with modules of one width is told by the numbers in their names', () => {
    const shapes = {
      ...recurrent('lstm10', 4, [4, 4]),
      ...recurrent('lstm9', 4, [4, 4]),
      ...linear('fc', 4, 2),
    };
    assert.deepEqual(inferred(shapes), [{ lstm: 'lstm9' }, { lstm: 'lstm10' }, 'last', { linear: 'fc' }]);
  });

  test('stays open where two orders fit, unless the file keeps the one in which they were made', () => {
    const shapes = { ...recurrent('up', 4, [4, 4]), ...recurrent('down', 4, [4, 4]), ...linear('fc', 4, 2) };
    assert.equal(inferred(shapes), 'several');
    assert.deepEqual(inferred(shapes, { inOrder: true }), [
      { lstm: 'up' },
      { lstm: 'down' },
      'last',
      { linear: 'fc' },
    ]);
  });

  test('is not inferred where widths do not fit', () => {
    assert.equal(inferred({ ...rnn, ...linear('fc', 5, 2) }), 'none');
    assert.equal(inferred({ ...rnn, ...recurrent('decoder', 4, [3, 4]) }), 'none');
    assert.equal(inferred({ 'a.weight': [9, 3], 'b.weight': [7, 3], ...rnn }), 'none');
  });

  test('of many modules that fit any way ends soon, without one', () => {
    const many = Object.assign({}, ...[...'abcdefghijkl'].map((name) => recurrent(name, 1, [4, 4])));
    const withinLimit = processorLimit(5000);
    assert.equal(inferred(many), 'several');
    const more = Object.assign(
      {},
      ...Array.from({ length: 500 }, (_, i) => linear(`${'x'.repeat(i + 1)}`, 4, 4)),
    );
    assert.equal(inferred({ ...more, ...recurrent('r', 1, [4, 4]) }), 'several');
    const endless = Object.assign({}, ...Array.from({ length: 20_000 }, (_, i) => linear(`l${i}`, 2, 2)));
    assert.equal(inferred({ ...endless, ...recurrent('r', 1, [2, 2]) }, { inOrder: true }), 'several');
    withinLimit();
  });

  test('reads every step where outputs are the embedding’s vocabulary', () => {
    const shapes = { 'emb.weight': [9, 3], ...rnn, ...linear('fc', 4, 9) };
    assert.deepEqual(inferred(shapes), [{ embedding: 'emb' }, { lstm: 'rnn' }, 'all', { linear: 'fc' }]);
  });

  test('has normalisation where its width fits, before the activation', () => {
    const shapes = { ...rnn, ...linear('fc1', 4, 6), ...bn('bn', 6), ...linear('fc2', 6, 2) };
    assert.deepEqual(inferred(shapes), [
      { lstm: 'rnn' },
      'last',
      { linear: 'fc1' },
      { batchNorm: 'bn' },
      'relu',
      { linear: 'fc2' },
    ]);
  });

  test('has nothing between neighbours of a Sequential', () => {
    const shapes = { ...rnn, ...linear('fc.0', 4, 6), ...linear('fc.1', 6, 5), ...linear('fc.3', 5, 2) };
    assert.deepEqual(inferred(shapes).slice(-4), [
      { linear: 'fc.0' },
      { linear: 'fc.1' },
      'relu',
      { linear: 'fc.3' },
    ]);
  });

  test('is what a whole module tells, where the file holds one', () => {
    const shapes = {
      'emb.weight': [4, 4],
      ...recurrent('rnn', 1, [4, 4]),
      ...linear('fc.0', 4, 6),
      ...linear('fc.3', 6, 1),
    };
    const facts: Options['facts'] = {
      '': ['Net'],
      emb: ['Embedding'],
      rnn: ['RNN', { nonlinearity: 'relu', dropout: 0.25 }],
      // Said before it is called: an output's.
      act: ['Sigmoid'],
      drop: ['Dropout', { p: 0.5 }],
      fc: ['Sequential'],
      'fc.0': ['Linear'],
      'fc.1': ['LeakyReLU', { negative_slope: 0.2 }],
      'fc.2': ['Dropout', { p: 0.1 }],
      'fc.3': ['Linear'],
    };
    assert.deepEqual(inferred(shapes, { inOrder: true, facts }), [
      { embedding: 'emb' },
      { rnn: 'rnn', dropout: 0.25, nonlinearity: 'relu' },
      'last',
      { dropout: 0.5 },
      { linear: 'fc.0' },
      { leakyRelu: 0.2 },
      { dropout: 0.1 },
      { linear: 'fc.3' },
      'sigmoid',
    ]);
  });
});

test('between linear layers of a module stands its activation, a dropout beside it or not', () => {
  const shapes = { ...recurrent('rnn', 1, [3, 4]), ...linear('fc1', 4, 6), ...linear('fc2', 6, 1) };
  const facts: Options['facts'] = {
    '': ['Net'],
    rnn: ['RNN'],
    fc1: ['Linear'],
    drop: ['Dropout', { p: 0.5 }],
    fc2: ['Linear'],
  };
  const between = (more: Options['facts']) =>
    inferred(shapes, { inOrder: true, facts: { ...facts, ...more } }).slice(3, -1);
  assert.deepEqual(between({}), ['relu', { dropout: 0.5 }]);
  assert.deepEqual(between({ act: ['LeakyReLU', { negative_slope: 0.2 }] }), [
    { leakyRelu: 0.2 },
    { dropout: 0.5 },
  ]);
});
