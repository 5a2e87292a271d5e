import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { placeOfKey } from '../../../extension/host/services/jsonPlace.ts';

/** What is found, with the text before it. */
function found(text: string, ...path: string[]): [string, string] | undefined {
  const place = placeOfKey(text, path);
  return place && [text.slice(0, place.offset), text.slice(place.offset, place.offset + place.length)];
}

describe('the place of a key', () => {
  it('is where the key itself stands', () => {
    assert.deepEqual(found('{ "a": 1, "b" : 2 }', 'b'), ['{ "a": 1, ', '"b"']);
  });

  it('is not where the same text is a value, or a key further in', () => {
    assert.deepEqual(
      found('{"a": "k", "c": {"k": 1}, "l": ["k"], "k": 2}', 'k')?.[0],
      '{"a": "k", "c": {"k": 1}, "l": ["k"], ',
    );
    assert.equal(found('{"a": {"k": 1}}', 'k'), undefined);
  });

  it('is found behind others by a path, or the last of the path that is there', () => {
    const text = '{"i": 0, "gates": {"f": 1, "i": 2}, "f": 3}';
    assert.deepEqual(found(text, 'gates', 'i'), ['{"i": 0, "gates": {"f": 1, ', '"i"']);
    assert.deepEqual(found(text, 'gates', 'o')?.[1], '"gates"');
  });

  it('is not led astray by braces and quotes in texts, or by a fault behind it', () => {
    assert.deepEqual(found('{"a": "}\\\\\\"{", "b": 1', 'b')?.[1], '"b"');
    assert.equal(found('', 'b'), undefined);
    assert.equal(found('no object', 'b'), undefined);
  });
});
