import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { patchIntegers } from '../../../extension/formats/pickle/patch.ts';
import { readPickle } from '../../../extension/formats/pickle/read.ts';
import { globalName, nodeOf } from '../../../extension/formats/pickle/values.ts';
import { called, float, global, instance, orderedDict, pickle, tuple } from '../../support/pickle.ts';
import { assertRefuses } from '../../support/throwsCode.ts';

/** The value of a pickle given by its bytes, one character a byte. */
function read(text: string) {
  return readPickle(Buffer.from(text, 'latin1'), 'x.pt').value;
}

function refuses(text: string, ...parts: string[]) {
  return assertRefuses(() => read(text), 'fileDamaged', ...parts);
}

describe('a pickle', () => {
  test('gives its plain data', () => {
    const data = pickle([1, -2, 70000, 2n ** 70n, float(0.5), 'ä', true, null]);
    const { value, end } = readPickle(data, 'x.pt');
    assert.deepEqual(nodeOf(value, 'list')?.items, [1, -2, 70000, 2n ** 70n, 0.5, 'ä', true, null]);
    assert.equal(end, data.length);
  });

  test('of protocol 4 or 5 gives the same', () => {
    // {'a': {1}} with frames, and a bytearray
    const value = read('\x80\x05\x95\x0e\0\0\0\0\0\0\0}\x94\x8c\x01a\x94\x8f\x94(K\x01\x90s.');
    const [[key, set]] = nodeOf(value, 'dict')?.entries ?? [];
    assert.equal(key, 'a');
    assert.deepEqual(nodeOf(set, 'set')?.items, [1]);
    assert.deepEqual(read('\x80\x05\x96\x02\0\0\0\0\0\0\0hi.'), Buffer.from('hi'));
  });

  test('says where a number of a tuple stands, so that it can be replaced there', () => {
    const bytes = pickle(tuple(7, 300, 70000));
    const found = nodeOf(readPickle(bytes, 'x.pt').value, 'tuple');
    assert.ok(found);
    const patched = patchIntegers(bytes, new Map(found.places.map((place, i) => [place, 5 + i])));
    assert.ok(patched);
    assert.deepEqual(nodeOf(readPickle(patched, 'x.pt').value, 'tuple')?.items, [5, 6, 7]);
    assert.equal(patchIntegers(bytes, new Map([[found.places[0], 256]])), undefined);
  });

  test('names what it wants called, and nothing is called', () => {
    const value = readPickle(pickle(called(global('os', 'system'), ['touch /tmp/pwned'])), 'x.pt').value;
    assert.equal(globalName(value), 'os.system');
    const args = nodeOf(nodeOf(value, 'object')?.args, 'tuple');
    assert.deepEqual(args?.items, ['touch /tmp/pwned']);
  });

  test('keeps the attributes of an object and the entries of a dict of another class, and their places', () => {
    const net = pickle(instance(global('my', 'Net'), new Map([['size', 3]])));
    const attributes = nodeOf(nodeOf(readPickle(net, 'x.pt').value, 'object')?.state, 'dict')?.entries;
    assert.deepEqual(attributes, [['size', 3, net.indexOf('K\x03')]]);
    const dict = pickle(orderedDict(new Map([['a', 1]])));
    const { value } = readPickle(dict, 'x.pt');
    assert.deepEqual(nodeOf(value, 'object')?.entries, [['a', 1, dict.indexOf('K\x01')]]);
  });

  test('may hold itself', () => {
    const list = nodeOf(read('\x80\x02]q\x00h\x00a.'), 'list');
    assert.equal(list?.items[0], list);
  });

  test('that doubles itself a thousand times takes no more than its bytes', () => {
    const doubled = read(`\x80\x02]${'2\x86'.repeat(1000)}.`);
    assert.equal(nodeOf(doubled, 'tuple')?.items.length, 2);
  });

  const cutOff = 'it ends before it should';
  test('that is cut off, or claims more bytes than there are, is damaged', async () => {
    const whole = pickle(new Map([['key', tuple(1, 2)]])).toString('latin1');
    for (let length = 0; length < whole.length; length++) await refuses(whole.slice(0, length), cutOff);
    await refuses('\x80\x02X\xff\xff\xff\xffabc.', cutOff);
    await refuses('\x80\x02\x8b\xff\xff\xff\x7f\x01.', cutOff);
    await refuses('\x80\x04\x8e\xff\xff\xff\xff\xff\xff\xff\xffabc.', cutOff);
    await refuses('\x80\x04\x95\xff\xff\xff\xff\xff\xff\xff\xff.', cutOff);
  });

  test('with an opcode that is not read, or out of order, is damaged', async () => {
    await refuses('\x80\x02Ios\n.', 'byte 2');
    await refuses('\x80\x02\x82\x01.');
    await refuses('\x80\x09N.');
    for (const text of [
      '.',
      't.',
      '0.',
      'h\x05.',
      '(.',
      'N\x86.',
      '(N\x86.',
      'Na.',
      '}]a.',
      '}(Nu.',
      'Nb.',
      '(o.',
    ])
      await refuses(`\x80\x02${text}`);
  });

  test('of millions of objects is refused', () => refuses(`\x80\x02(${']'.repeat(2_000_001)}t.`, 'objects'));

  test('keeps an integer that is too long to be one as bytes', () => {
    const long = Buffer.concat([Buffer.from('\x80\x02\x8b\0\0\x01\0', 'latin1'), Buffer.alloc(65536, 1)]);
    assert.ok(readPickle(Buffer.concat([long, Buffer.from('.')]), 'x.pt').value instanceof Uint8Array);
  });
});
