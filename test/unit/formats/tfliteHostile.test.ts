// Files that lie: each ends in a message for the user, at once and without the memory that it asks for.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { openModel } from '../../../extension/formats/open.ts';
import type { MessageCode } from '../../../extension/protocol/messages.ts';
import { type FlatFields, flatBuffer } from '../../support/flatBuffer.ts';
import { scratchFiles } from '../../support/scratch.ts';
import { smallTflite, type TfliteParts, tfliteBytes, tfliteRoot } from '../../support/tfliteFile.ts';
import { messageFrom } from '../../support/throwsCode.ts';

const write = scratchFiles();
let count = 0;
const slowest = 2000;
const mostMemory = 256 * 2 ** 20;

/** Asserts how a file ends, by its processor time and by what it allocates outside the heap. */
async function assertEnds(bytes: Buffer, code: MessageCode, cause?: MessageCode): Promise<void> {
  const path = write(`${count++}.tflite`, bytes);
  const [start, memory] = [process.cpuUsage(), process.memoryUsage().rss];
  const message = await messageFrom(() => openModel(path));
  const { user, system } = process.cpuUsage(start);
  assert.equal(message.code, code, JSON.stringify(message));
  if (cause !== undefined) assert.equal(message.cause?.code, cause, JSON.stringify(message));
  assert.ok((user + system) / 1000 < slowest, `${(user + system) / 1000} ms`);
  assert.ok(process.memoryUsage().rss - memory < mostMemory, `${process.memoryUsage().rss - memory} bytes`);
}

function small(change: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.from(tfliteBytes(smallTflite()));
  change(bytes);
  return bytes;
}

/** Where the root table, and where the field of its graphs lies. */
function rootOf(bytes: Buffer): number {
  return bytes.readUInt32LE(0);
}

function changed(change: (parts: TfliteParts) => Partial<TfliteParts>): Buffer {
  const parts = smallTflite();
  return tfliteBytes({ ...parts, ...change(parts) });
}

test('states of any number of bytes are not looked at, and the model is not evaluated', async () => {
  const count = 2 ** 21;
  const bytes = changed(({ tensors, operators: [lstm, ...others] }) => ({
    tensors: [...tensors, { name: 'state', shape: [count], values: new Uint8Array(4 * count) }],
    operators: [{ ...lstm, inputs: lstm.inputs.with(18, tensors.length) }, ...others],
  }));
  const model = await openModel(write('states.tflite', bytes));
  try {
    assert.equal(model.notEvaluable?.cause?.code, 'reasonInputConstant');
  } finally {
    await model.close();
  }
});

describe('a hostile TensorFlow Lite file ends in a message', () => {
  test('whose root lies outside', () =>
    assertEnds(
      small((b) => b.writeUInt32LE(2 ** 31, 0)),
      'fileDamaged',
    ));

  test('whose vtable lies outside, on either side', async () => {
    for (const [offset, cause] of [
      [2 ** 30, 'reasonContent'],
      [-(2 ** 30), 'reasonTruncated'],
    ] as const)
      await assertEnds(
        small((b) => b.writeInt32LE(offset, rootOf(b))),
        'fileDamaged',
        cause,
      );
  });

  test('whose graphs are 2^31, or whose offset leads outside', async () => {
    const field = (b: Buffer) => rootOf(b) + 4 + 8 * 2;
    const vector = (b: Buffer) => field(b) + b.readUInt32LE(field(b));
    await assertEnds(
      small((b) => b.writeUInt32LE(2 ** 31, vector(b))),
      'fileDamaged',
      'reasonTruncated',
    );
    await assertEnds(
      small((b) => b.writeUInt32LE(2 ** 32 - 1, field(b))),
      'fileDamaged',
      'reasonTruncated',
    );
  });

  test('whose vector of graphs is the first graph, or the offset to it itself', async () => {
    const field = (b: Buffer) => rootOf(b) + 4 + 8 * 2;
    const first = (b: Buffer) => field(b) + b.readUInt32LE(field(b)) + 4;
    await assertEnds(
      small((b) => b.writeUInt32LE(0, first(b))),
      'noRecurrentLayers',
    );
    // An offset of 0 is a length of 0, too.
    await assertEnds(
      small((b) => b.writeUInt32LE(0, field(b))),
      'fileDamaged',
    );
  });

  test('that asks for one table thousands of thousands of times', async () => {
    const tensor: FlatFields = { 0: { ints: Array.from({ length: 2000 }, () => 1) } };
    const graph: FlatFields = { 0: { tables: Array.from({ length: 20_000 }, () => tensor) } };
    const root: FlatFields = {
      ...tfliteRoot(smallTflite()),
      2: { tables: Array.from({ length: 20_000 }, () => graph) },
    };
    await assertEnds(flatBuffer(root, 'TFL3'), 'fileDamaged');
    const empty: FlatFields = { 0: { tables: Array.from({ length: 20_000 }, (): FlatFields => ({})) } };
    const graphs = { ...root, 2: { tables: Array.from({ length: 20_000 }, () => empty) } };
    await assertEnds(flatBuffer(graphs, 'TFL3'), 'fileDamaged', 'reasonTooManyParts');
  });

  test('whose operator reads a tensor that is not there', async () => {
    for (const index of [10_000, -2]) {
      const bytes = changed(({ operators }) => ({
        operators: operators.map((one) => ({ ...one, inputs: [index, ...one.inputs.slice(1)] })),
      }));
      await assertEnds(bytes, 'fileDamaged', 'reasonContent');
    }
  });

  test('whose shape is larger than its values, or its buffer shorter', async () => {
    const shaped = (shape: readonly number[], values?: Uint8Array) =>
      changed(({ tensors }) => ({
        tensors: tensors.map((one) =>
          one.name === 'lstm/kernel_i' ? { ...one, shape, ...(values && { values }) } : one,
        ),
      }));
    for (const shape of [[2 ** 31 - 1, 2 ** 31 - 1], [-4, -3], [0, 3], Array.from({ length: 9 }, () => 1)])
      await assertEnds(shaped(shape), 'fileDamaged', 'reasonContent');
    for (const length of [1, 47, 49]) await assertEnds(shaped([4, 3], new Uint8Array(length)), 'fileDamaged');
    await assertEnds(shaped([3, 4]), 'weightShape');
  });

  test('whose weights are whole numbers that stand for nothing', async () => {
    const quantized = (quantization: FlatFields | undefined) =>
      changed(({ tensors }) => ({
        tensors: tensors.map((one) =>
          one.name === 'lstm/kernel_i' ? { ...one, type: 2, ...(quantization && { quantization }) } : one,
        ),
      }));
    await assertEnds(quantized(undefined), 'dtypeUnsupported');
    for (const scales of [[0], [-1], [Number.NaN], [1, 2]])
      await assertEnds(quantized({ 2: { floats: scales }, 6: { int: 1 } }), 'fileDamaged', 'reasonContent');
    await assertEnds(quantized({ 2: { floats: [1, 2, 3] }, 6: { int: 99 } }), 'fileDamaged', 'reasonContent');
  });

  test('whose values lie behind the end of the file', async () => {
    const root = tfliteRoot(smallTflite());
    for (const [offset, length] of [
      [2n ** 40n, 48n],
      [16n, 2n ** 63n],
      [2n ** 64n - 1n, 48n],
    ]) {
      const buffers = [
        {},
        ...Array.from({ length: 17 }, () => ({ 1: { long: offset }, 2: { long: length } })),
      ];
      const bytes = flatBuffer({ ...root, 4: { tables: buffers } }, 'TFL3');
      await assertEnds(bytes, 'fileDamaged', 'reasonTruncated');
    }
  });

  test('without a gate, or without an operator that is recurrent', async () => {
    const ungated = changed(({ operators }) => ({
      operators: operators.map((one) => ({
        ...one,
        inputs: one.inputs.map((index, i) => (one.code === 44 && i === 3 ? -1 : index)),
      })),
    }));
    await assertEnds(ungated, 'fileDamaged', 'reasonContent');
    await assertEnds(
      changed(({ operators }) => ({ operators: operators.slice(1) })),
      'noRecurrentLayers',
    );
    const looped = changed(({ operators }) => ({
      operators: operators.map((one) => ({ ...one, code: 119 })),
    }));
    await assertEnds(looped, 'layersInLoops');
    await assertEnds(Buffer.alloc(0), 'fileDamaged', 'reasonNoTflite');
  });
});
