import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Memory } from '../../../extension/engine/wasm/memory.ts';
import { acquireRuntime, releaseRuntime } from '../../../extension/engine/wasm/runtime.ts';
import { UserError } from '../../../extension/protocol/userError.ts';
import { seeded } from '../../support/random.ts';

const base = 65536;

test('blocks never overlap, keep what is in them and are used anew', () => {
  const memory = new Memory(base);
  const next = seeded(23);
  const live: { pointer: number; length: number; mark: number }[] = [];
  let bytes = 0;
  for (let i = 0; i < 20_000; i++) {
    if (live.length < 200 && next() < 0.55) {
      // Of all sizes, none among them.
      const length = Math.floor(2 ** (next() * 14)) - 1;
      const pointer = memory.allocate(length * 4);
      assert.equal(pointer % 64, 0);
      assert.ok(pointer >= base && pointer + length * 4 <= memory.wasm.buffer.byteLength);
      memory.integers(pointer, length).fill(i);
      live.push({ pointer, length, mark: i });
      bytes += Math.max(64, Math.ceil((length * 4) / 64) * 64);
    } else if (live.length > 0) {
      const [{ pointer, length, mark }] = live.splice(Math.floor(next() * live.length), 1);
      // Whoever overlapped it would have written over its mark.
      assert.ok(memory.integers(pointer, length).every((value) => value === mark));
      memory.free(pointer);
      bytes -= Math.max(64, Math.ceil((length * 4) / 64) * 64);
    }
    assert.equal(memory.liveBytes, bytes);
    assert.equal(memory.liveBlocks, live.length);
  }
  for (const { pointer } of live) memory.free(pointer);
  assert.equal(memory.liveBytes, 0);
  // The live blocks were never more than these 200 × 64 KiB, and one block is free in the end.
  const size = memory.wasm.buffer.byteLength;
  assert.ok(size <= 32 << 20, `${size} bytes`);
  memory.allocate(size - base);
  assert.equal(memory.wasm.buffer.byteLength, size);
});

test('a view stays valid when the memory grows', () => {
  const memory = new Memory(base);
  const pointer = memory.allocate(400);
  const view = memory.floats(pointer, 100).fill(3);
  memory.allocate(100 << 20);
  assert.ok(memory.wasm.buffer.byteLength > 100 << 20);
  memory.floats(pointer, 100)[99] = 4;
  assert.deepEqual([view.length, view[0], view[99]], [100, 3, 4]);
});

test('what does not fit is refused with a message, and smaller blocks still are given', () => {
  const memory = new Memory(base, 8 << 20);
  const first = memory.allocate(5 << 20);
  assert.throws(
    () => memory.allocate(4 << 20),
    (error) => error instanceof UserError && error.info.code === 'engineMemory',
  );
  assert.ok(memory.allocate(2 << 20) > first);
  memory.free(first);
  assert.equal(memory.allocate(5 << 20), first);
});

test('addresses beyond 2 GiB are positive and usable', () => {
  const memory = new Memory(base);
  // Nothing is touched, so no real memory is taken.
  memory.allocate(2 ** 31);
  const pointer = memory.allocate(4096);
  assert.ok(pointer >= 2 ** 31);
  memory.floats(pointer, 4).set([1, 2, 3, 4]);
  assert.deepEqual([...memory.floats(pointer, 4)], [1, 2, 3, 4]);
  assert.throws(() => memory.allocate(2 ** 31), UserError);
});

test('no block ends at the end of the address space, where a loop up to its end would not run', () => {
  const memory = new Memory(base);
  const whole = 2 ** 32 - base;
  assert.throws(() => memory.allocate(whole), UserError);
  const pointer = memory.allocate(whole - 65536);
  assert.equal(pointer + whole - 65536, 2 ** 32 - 65536);
});

test('only what was allocated can be freed, and once', () => {
  const memory = new Memory(base);
  const pointer = memory.allocate(10);
  assert.throws(() => memory.free(pointer + 64));
  memory.free(pointer);
  assert.throws(() => memory.free(pointer));
});

test('kernels compute beyond 2 GiB what they compute before', async () => {
  const { memory, pool } = await acquireRuntime();
  const count = 1000;
  const permute = (): Float32Array => {
    const [values, order, target] = memory.allocateAll(4 * count, 4 * count, 4 * count);
    memory.floats(values, count).set(Float32Array.from({ length: count }, (_, i) => i));
    memory.integers(order, count).set(Int32Array.from({ length: count }, (_, i) => count - 1 - i));
    memory.floats(target, count).fill(-1);
    pool.run('sparsePermute', [values, order, count, target], 0);
    return memory.floats(target, count).slice();
  };
  const here = permute();
  // Nothing is touched, so no real memory is taken. What is left ends where the memory may end.
  const room = 2 ** 32 - 65536 - memory.wasm.buffer.byteLength - 3 * 4032;
  memory.allocate(room);
  const found = permute();
  await releaseRuntime();
  assert.deepEqual(found, here);
  assert.deepEqual([found[0], found[count - 1]], [count - 1, 0]);
});
