import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JsonText } from '../../../extension/formats/keras/jsonText.ts';

const text = `{"a" : [1.0, null ,{"b": 1e-07}],
  "e\\"\\u00e4": "x, ]} \\\\", "n": 12345678901234567890, "empty": {}, "none": [ ] }`;

test('numbers are replaced, and every other byte stays', () => {
  const json = new JsonText(text);
  const [one, , object] = json.root.members?.get('a')?.items ?? [];
  const b = object.members?.get('b');
  assert.ok(b);
  json.replace(b, 3);
  json.replace(one, 25);
  assert.equal(json.toString(), text.replace('1.0', '25').replace('1e-07', '3'));
});

test('the last of several new values counts', () => {
  const json = new JsonText('[7]');
  const [item] = json.root.items ?? [];
  json.replace(item, 1);
  json.replace(item, 2);
  assert.equal(json.toString(), '[2]');
});

test('parts have the values that JSON gives them, whatever stands in texts', () => {
  const json = new JsonText(text);
  assert.deepEqual(json.valueOf(json.root), JSON.parse(text));
  assert.deepEqual([...(json.root.members?.keys() ?? [])], Object.keys(JSON.parse(text)));
  assert.equal(json.valueOf(json.root.members?.get('e"ä')), 'x, ]} \\');
  assert.equal(json.valueOf(undefined), undefined);
});

test('a text of one value is one part', () => {
  for (const one of ['null', '"a"', ' -1.5e3 ', '[]']) {
    const json = new JsonText(one);
    assert.deepEqual(json.valueOf(json.root), JSON.parse(one));
  }
});

/** What is left of a list without some of its items. */
function without(list: string, ...indices: number[]): string {
  const json = new JsonText(list);
  json.removeItems(json.root, new Set(indices));
  return json.toString();
}

test('items leave a list with one comma each, wherever they stand', () => {
  const list = '[ 1.0,\n {"a": 2} , "3,", [4] ]';
  assert.equal(without(list, 0), '[ {"a": 2} , "3,", [4] ]');
  assert.equal(without(list, 1), '[ 1.0,\n "3,", [4] ]');
  assert.equal(without(list, 3), '[ 1.0,\n {"a": 2} , "3," ]');
  assert.equal(without(list, 0, 1), '[ "3,", [4] ]');
  assert.equal(without(list, 1, 2), '[ 1.0,\n [4] ]');
  assert.equal(without(list, 2, 3), '[ 1.0,\n {"a": 2} ]');
  assert.equal(without(list, 0, 3), '[ {"a": 2} , "3," ]');
  assert.equal(without(list, 0, 2), '[ {"a": 2} , [4] ]');
  assert.equal(without(list, 0, 1, 2, 3), '[  ]');
  assert.equal(without(list), list);
  assert.equal(without('[]'), '[]');
});

test('what was replaced in an item leaves with it, and stays in the others', () => {
  const json = new JsonText('[[1], [2], [3]]');
  for (const [i, { items = [] }] of (json.root.items ?? []).entries()) json.replace(items[0], 10 * i);
  json.removeItems(json.root, new Set([0, 2]));
  assert.equal(json.toString(), '[[10]]');
});

test('texts are written in ASCII, as Python does', () => {
  const json = new JsonText('["a", 1]');
  json.replace(json.root.items?.[0] ?? json.root, 'ä "𝄞"');
  assert.equal(json.toString(), '["\\u00e4 \\"\\ud834\\udd1e\\"", 1]');
  assert.deepEqual(JSON.parse(json.toString()), ['ä "𝄞"', 1]);
});

test('a new member stands before the others of an object, or alone', () => {
  for (const [before, after] of [
    ['{ "b": 1.0}', '{"a": [null,2],  "b": 1.0}'],
    ['{}', '{"a": [null,2]}'],
  ]) {
    const json = new JsonText(before);
    json.insertMember(json.root, 'a', [null, 2]);
    assert.equal(json.toString(), after);
  }
});
