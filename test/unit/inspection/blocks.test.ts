import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Block, Blocks } from '../../../extension/inspection/blocks.ts';
import type { Span } from '../../../extension/inspection/spans.ts';
import type { Parameter } from '../../../extension/model/parameter.ts';
import { memoryParameter } from '../../support/memoryModel.ts';

/** Two parameters of 10 and 7 values that are read three at a time into three buffers, and what of them is read, in turn. */
function setUp() {
  const reads: string[] = [];
  const named = (name: string, size: number, first: number): Parameter => {
    const values = Float32Array.from({ length: size }, (_, i) => first + i);
    const readPart = async (from: number, target: Float32Array) => {
      reads.push(`${name} ${from}`);
      target.set(values.subarray(from, from + target.length));
    };
    return { ...memoryParameter(name, [size], values), readPart };
  };
  const blocks = new Blocks(Array.from({ length: 3 }, () => new Float32Array(3)));
  return { reads, blocks, a: whole(named('a', 10, 0)), b: whole(named('b', 7, 100)) };
}

function whole(parameter: Parameter): Span {
  return { parameter, from: 0, to: parameter.shape[0] };
}

async function valuesOf(blocks: AsyncIterable<Block>): Promise<number[]> {
  const found: number[] = [];
  for await (const { from, values } of blocks) {
    assert.equal(from, found.length);
    found.push(...values);
  }
  return found;
}

const valuesOfA = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const valuesOfB = [100, 101, 102, 103, 104, 105, 106];
const readsOfA = ['a 0', 'a 3', 'a 6', 'a 9'];
const readsOfB = ['b 0', 'b 3', 'b 6'];

describe('blocks of what is expected', () => {
  test('are read once and in turn, the first of a matrix while the last of the one before are looked at', async () => {
    const { reads, blocks, a, b } = setUp();
    blocks.expect([a, b]);
    assert.deepEqual(await valuesOf(blocks.of(a)), valuesOfA);
    assert.deepEqual(reads, [...readsOfA, 'b 0', 'b 3']);
    assert.deepEqual(await valuesOf(blocks.of(b)), valuesOfB);
    assert.deepEqual(reads, [...readsOfA, ...readsOfB]);
  });

  test('may be asked for once more', async () => {
    const { reads, blocks, a, b } = setUp();
    blocks.expect([a, b]);
    await valuesOf(blocks.of(a));
    assert.deepEqual(await valuesOf(blocks.of(a)), valuesOfA);
    assert.deepEqual(await valuesOf(blocks.of(b)), valuesOfB);
    assert.deepEqual(reads, [...readsOfA, 'b 0', 'b 3', ...readsOfA, ...readsOfB]);
  });

  test('are those of the second where the same stands twice, which other ones follow', async () => {
    const { reads, blocks, a, b } = setUp();
    blocks.expect([a, b, a]);
    for (const [span, values] of [
      [a, valuesOfA],
      [b, valuesOfB],
      [a, valuesOfA],
    ] as const)
      assert.deepEqual(await valuesOf(blocks.of(span)), values);
    assert.deepEqual(reads, [...readsOfA, ...readsOfB, ...readsOfA]);
  });

  test('begin anew where somebody stopped in their midst', async () => {
    const { blocks, a, b } = setUp();
    blocks.expect([a, b]);
    for await (const { values } of blocks.of(a)) if (values[0] === 3) break;
    assert.deepEqual(await valuesOf(blocks.of(a)), valuesOfA);
    assert.deepEqual(await valuesOf(blocks.of(b)), valuesOfB);
  });

  test('wait for what can only be read whole', async () => {
    const { reads, blocks, a, b } = setUp();
    const { readPart: _, ...parameter } = a.parameter;
    const unparted = { ...a, parameter };
    blocks.expect([unparted, b]);
    assert.deepEqual(await valuesOf(blocks.of(unparted)), valuesOfA);
    assert.deepEqual(await valuesOf(blocks.of(b)), valuesOfB);
    assert.deepEqual(reads, readsOfB);
  });
});

test('blocks that nobody expected, of a part and of nothing', async () => {
  const { blocks, a, b } = setUp();
  blocks.expect([b]);
  const found: number[] = [];
  for await (const { values } of blocks.of({ ...a, from: 2, to: 9 })) found.push(...values);
  assert.deepEqual(found, valuesOfA.slice(2, 9));
  assert.deepEqual(await valuesOf(blocks.of({ ...a, from: 4, to: 4 })), []);
  assert.deepEqual(await valuesOf(blocks.of(b)), valuesOfB);
});

test('an error of a read is told when its block is due, and nothing is read after `settle`', async () => {
  const { blocks, a } = setUp();
  let open = 0;
  const readPart = async (from: number) => {
    open++;
    await new Promise(setImmediate);
    open--;
    if (from === 6) throw new Error('unreadable');
  };
  const span = { ...a, parameter: { ...a.parameter, readPart } };
  blocks.expect([span]);
  const given: number[] = [];
  await assert.rejects(async () => {
    for await (const { from } of blocks.of(span)) given.push(from);
  }, /unreadable/);
  assert.deepEqual(given, [0, 3]);
  await blocks.settle();
  assert.equal(open, 0);
});
