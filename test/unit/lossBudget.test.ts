import assert from 'node:assert/strict';
import { test } from 'node:test';
import { highestLoss, parseDuration, parseIncrease } from '../../extension/protocol/lossBudget.ts';

test('an increase is a share of the loss with a percent sign, and a difference without', () => {
  const told: [string, ReturnType<typeof parseIncrease>][] = [
    ['2%', { share: 0.02 }],
    [' 0.5 % ', { share: 0.005 }],
    ['150%', { share: 1.5 }],
    ['0.02', { difference: 0.02 }],
    ['.5', { difference: 0.5 }],
    ['1e-3', { difference: 0.001 }],
    ['0', { difference: 0 }],
  ];
  for (const [text, expected] of told) assert.deepEqual(parseIncrease(text), expected, text);
  for (const text of ['', '%', '-1%', '-0.1', '2 percent', '2%%', 'NaN', '1,5%', '1e400'])
    assert.equal(parseIncrease(text), undefined, text);
});

test('the highest loss is so much above the loss, also where that is negative', () => {
  assert.equal(highestLoss(0.5, { share: 0.02 }), 0.51);
  assert.equal(highestLoss(0.5, { difference: 0.02 }), 0.52);
  assert.equal(highestLoss(-2, { share: 0.5 }), -1);
  assert.equal(highestLoss(0, { share: 0.5 }), 0);
});

test('a time is hours, minutes and seconds, and never none', () => {
  const told: [string, number][] = [
    ['90s', 90],
    ['30m', 1800],
    ['1h30m', 5400],
    ['1.5h', 5400],
    ['1H2M3S', 3723],
  ];
  for (const [text, seconds] of told) assert.equal(parseDuration(text), seconds, text);
  for (const text of ['', '30', '0s', '30 minutes', 'm', '-5m', '5m1h'])
    assert.equal(parseDuration(text), undefined, text);
});
