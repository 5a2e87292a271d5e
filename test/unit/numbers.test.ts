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

  it('round a time to wait as people would', () => {
    const texts = [0, 4.4, 42, 89, 200, 3590, 4800].map(numbers.duration);
    assert.deepEqual(texts, ['1 sec', '4 sec', '40 sec', '90 sec', '3 min', '1 hr', '1 hr 20 min']);
    assert.equal(numbersFor('zh-cn').duration(42), '40秒');
  });

  it('tell a time that was taken no more exactly than it matters', () => {
    const texts = [0, 0.03, 0.5783, 12.25, 59.94, 59.96, 75.4, 120, 3599.6, 4810].map(numbers.seconds);
    assert.deepEqual(texts, [
      '0.0 sec',
      '< 0.1 sec',
      '0.6 sec',
      '12.3 sec',
      '59.9 sec',
      '1 min',
      '1 min 15 sec',
      '2 min',
      '1 hr',
      '1 hr 20 min',
    ]);
  });

  it('show learning rates in plain digits', () => {
    const texts = [0.01, 0.25, 0.001, 0.00006157, 1e-7, 1e-9, 0].map(numbers.rate);
    assert.deepEqual(texts, ['0.01', '0.25', '0.001', '0.0000616', '0.0000001', '1E-9', '0']);
  });

  it('follow the language, and fall back to English for one that is none', () => {
    assert.equal(numbersFor('de').percent(0.8), '80,0\u00a0%');
    assert.equal(numbersFor('zh-cn').bytes(512), '512字节');
    assert.equal(numbersFor('no_such!').percent(0.8), '80.0%');
  });
});
