import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { allReal, MaskMeanings, never } from '../../../extension/conversion/keras/maskMeanings.ts';
import type { GraphNode } from '../../../extension/model/graph.ts';

const marking = (x: string, output: string, value = 0, overFeatures = false): GraphNode => ({
  op: 'NotEqualMask',
  inputs: [x],
  outputs: [output],
  origin: output,
  value,
  overFeatures,
});
const join = (op: 'And' | 'Or', inputs: string[], output: string): GraphNode => ({
  op,
  inputs,
  outputs: [output],
  origin: output,
});

describe('masks mean the same', () => {
  test('where they look for the same in the same values', () => {
    const masks = new MaskMeanings([
      marking('x', 'a'),
      marking('x', 'b'),
      marking('y', 'c'),
      marking('x', 'd', 1),
    ]);
    assert.equal(masks.of('a'), masks.of('b'));
    assert.notEqual(masks.of('a'), masks.of('c'));
    assert.notEqual(masks.of('a'), masks.of('d'));
  });

  test('where the same are joined, in whatever order and steps, but not by And and Or', () => {
    const masks = new MaskMeanings([
      join('Or', ['a', 'b'], 'one'),
      join('Or', ['b', 'a'], 'other'),
      join('Or', ['one', 'other', 'a'], 'nested'),
      join('And', ['a', 'b'], 'both'),
    ]);
    assert.equal(masks.of('one'), masks.of('other'));
    assert.equal(masks.of('one'), masks.of('nested'));
    assert.equal(masks.of('one'), masks.joined('Or', ['b', 'a']));
    assert.notEqual(masks.of('one'), masks.of('both'));
    assert.notEqual(masks.joined('Concat', ['a', 'b']), masks.joined('Concat', ['b', 'a']));
  });

  test('as one that marks all steps, where no step can be what they look for', () => {
    assert.equal(new MaskMeanings([marking('x', 'a', never, true)]).of('a'), allReal);
  });
});
