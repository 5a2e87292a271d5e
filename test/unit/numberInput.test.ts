import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  numberText,
  parseCount,
  parsePositive,
  parseShare,
} from '../../extension/host/commands/numberInput.ts';

describe('a typed share', () => {
  for (const [text, share] of [
    ['0.8', 0.8],
    ['.8', 0.8],
    ['0,8', 0.8],
    ['80', 0.8],
    ['80%', 0.8],
    ['80 %', 0.8],
    ['87.5 ％', 0.875],
    ['0.5%', 0.005],
    ['1', 1],
    ['1%', 0.01],
    ['0', 0],
  ] as const) {
    it(`${text} means ${share}`, () => assert.equal(parseShare(text), share));
  }

  for (const text of ['', 'abc', '-1', '101', '120 %', '0.8.1', '1e-1', '80 percent', 'NaN']) {
    it(`"${text}" is none`, () => assert.equal(parseShare(text), undefined));
  }
});

describe('a typed number', () => {
  it('is positive and decimal', () => {
    assert.equal(parsePositive('0.5'), 0.5);
    assert.equal(parsePositive('1,5'), 1.5);
    assert.equal(parsePositive('2'), 2);
    for (const text of ['', '0', '-1', 'x', '1 2', 'Infinity', 'e-4', '1e', '1e400', '0e5'])
      assert.equal(parsePositive(text), undefined);
  });

  it('may have an exponent', () => {
    assert.equal(parsePositive('1e-4'), 0.0001);
    assert.equal(parsePositive('2,5E-3'), 0.0025);
    assert.equal(parsePositive('1e+2'), 100);
  });

  it('is offered as it can be typed, in every language', () => {
    assert.equal(numberText(1234.5, 'de'), '1234,5');
    for (const locale of ['en', 'de', 'fr', 'zh-cn', 'ar-EG']) {
      for (const value of [0.5, 1234.5, 1_000_000, 0.00002, 0.1, 1.5e-7, 1e-25]) {
        assert.equal(parsePositive(numberText(value, locale)), value, `${value} in ${locale}`);
      }
    }
  });

  it('counts from 1', () => {
    assert.equal(parseCount('30'), 30);
    for (const text of ['', '0', '-3', '1.5', '1e3']) assert.equal(parseCount(text), undefined);
  });
});
