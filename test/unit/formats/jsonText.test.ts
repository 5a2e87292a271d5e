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
