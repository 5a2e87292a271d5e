import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freeLength } from '../../../extension/training/freeLength.ts';

const tensor = (...shape: number[]) => ({ shape, data: new Float32Array(0) });
const input = (...shape: (number | null)[]) => ({ name: 'x', shape, dtype: 'float32' }) as const;
const lengths = (inputs: ReturnType<typeof input>[], data?: ReturnType<typeof tensor>[]) =>
  freeLength({ inputs, nodes: [] }, data && { inputs: data });

test('a length that is free is that of the data, and of several the longest', () => {
  assert.equal(lengths([input(null, null, 6)], [tensor(9, 12, 6)]), 12);
  assert.equal(
    lengths(
      [input(null, null, 6), input(null, null), input(null, 80)],
      [tensor(9, 5, 6), tensor(9, 7), tensor(9, 80)],
    ),
    7,
  );
});

test('without data 32 stand for it', () => assert.equal(lengths([input(null, null, 6)]), 32));
