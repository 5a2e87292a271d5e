import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { numbersFor } from '../../extension/protocol/numbers.ts';

describe('numbers', () => {
  const numbers = numbersFor('en');

  it('read as people write them', () => {
    assert.equal(numbers.percent(0.8), '80.0%');
    assert.equal(numbers.score(0.9785), '97.85%');
    assert.equal(numbers.signedPercent(-0.526), '-52.6%');
    assert.equal(numbers.points(0.8), '+80.0');
    assert.equal(numbers.count(74051), '74,051');
    assert.equal(numbers.quantity(12.2249), '12.22');
    assert.equal(numbers.magnitude(0.1), '0.100');
  });

  it('show small magnitudes with an exponent instead of many zeros', () => {
    assert.equal(numbers.quantity(0.00001234), '1.23E-5');
    assert.equal(numbers.quantity(0), '0');
  });

  it('give sizes in decimal units', () => {
    assert.equal(numbers.bytes(512), '512 bytes');
    assert.equal(numbers.bytes(985_432), '985.4 kB');
    assert.equal(numbers.bytes(999_999_999), '1,000 MB');
    assert.equal(numbers.bytes(4.2e12), '4,200 GB');
  });

  it('follow the language, and fall back to English for one that is none', () => {
    assert.equal(numbersFor('de').percent(0.8), '80,0\u00a0%');
    assert.equal(numbersFor('zh-cn').bytes(512), '512字节');
    assert.equal(numbersFor('no_such!').percent(0.8), '80.0%');
  });
});
