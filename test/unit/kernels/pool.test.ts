import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { acquireRuntime, releaseRuntime, runtime } from '../../../extension/engine/wasm/runtime.ts';
import { UserError } from '../../../extension/protocol/userError.ts';

const always = Number.POSITIVE_INFINITY;
const failed = (error: unknown) => error instanceof UserError && error.info.code === 'engineThread';

for (const threads of [1, 2, 3]) {
  test(`the barrier lets ${threads} pass together, thousands of times`, async () => {
    const { pool } = await acquireRuntime({ threads });
    for (let i = 0; i < 100; i++) pool.run('meet', [20, -1], always);
    await releaseRuntime();
  });
}

for (const thread of [0, 1, 2]) {
  test(`where thread ${thread} of 3 fails the others do not wait, and the next task runs`, async () => {
    const { pool, memory } = await acquireRuntime({ threads: 3 });
    for (let i = 0; i < 5; i++) {
      assert.throws(() => pool.run('meet', [3, thread], always), failed);
      pool.run('meet', [3, -1], always);
    }
    // A real kernel, after all that.
    const source = memory.allocate(400);
    const sums = memory.allocate(400);
    memory.floats(source, 100).fill(1);
    pool.run('sumRows', [source, 2, 50, sums], always);
    assert.ok(memory.floats(sums, 50).every((sum) => sum === 2));
    await releaseRuntime();
  });
}

test('a task is divided among the threads where it is large enough, of whatever size where tests say so', async () => {
  // The second thread fails, so that it shows whether it was asked at all.
  const fails = ['meet', [1, 1]] as const;
  const usual = await acquireRuntime({ threads: 2 });
  usual.pool.run(...fails, 199_999);
  assert.throws(() => usual.pool.run(...fails, 200_000), failed);
  await releaseRuntime();
  const all = await acquireRuntime({ threads: 2, leastShared: 0 });
  assert.throws(() => all.pool.run(...fails, 0), failed);
  await releaseRuntime();
});

test('the runtime is one for all users, and ends with the last', async () => {
  const first = await acquireRuntime({ threads: 2 });
  assert.equal(await acquireRuntime({ threads: 3 }), first);
  await releaseRuntime();
  first.pool.run('meet', [1, -1], always);
  await releaseRuntime();
  assert.throws(runtime);
  assert.throws(() => first.pool.run('meet', [1, -1], always), failed);
  await assert.rejects(releaseRuntime());
});

test('a thread that ends by itself is told of, and a new runtime works', async () => {
  const { pool } = await acquireRuntime({ threads: 2 });
  await pool.workers[0].terminate();
  assert.throws(() => pool.run('meet', [1, -1], always), failed);
  await releaseRuntime();
  const again = await acquireRuntime({ threads: 2 });
  again.pool.run('meet', [1, -1], always);
  await releaseRuntime();
});

/** What a process of its own prints at its end, given a script over the runtime. */
async function child(script: string): Promise<string> {
  const url = (name: string) => new URL(`../../../extension/engine/wasm/${name}`, import.meta.url);
  const source = `
    import { acquireRuntime, releaseRuntime } from '${url('runtime.ts')}';
    ${script}`;
  const args = ['--expose-gc', '--input-type=module-typescript', '--eval', source];
  // Ended where it hangs, which fails the test.
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 60_000 });
  return stdout;
}

test('no thread is left, and the process ends by itself, released or not', async () => {
  const left = await child(`
    const before = process.getActiveResourcesInfo().length;
    for (let i = 0; i < 3; i++) {
      const { pool } = await acquireRuntime({ threads: 3 });
      pool.run('meet', [1, -1], Infinity);
      await releaseRuntime();
    }
    const ports = process.getActiveResourcesInfo().filter((name) => /Worker|MessagePort/.test(name));
    console.log(JSON.stringify(ports));
    await acquireRuntime({ threads: 2 });`);
  assert.deepEqual(JSON.parse(left), []);
});

test('the memory goes back to the system', async () => {
  const megabytes = 200;
  const sizes = await child(`
    const megabytes = () => Math.round(process.memoryUsage().rss / 2 ** 20);
    const settle = async () => {
      for (let i = 0; i < 8; i++) { gc(); await new Promise((done) => setTimeout(done, 10)); }
    };
    await settle();
    const sizes = [megabytes()];
    const use = async () => {
      const { memory } = await acquireRuntime({ threads: 2 });
      memory.bytes(memory.allocate(${megabytes} << 20), ${megabytes} << 20).fill(1);
      sizes.push(megabytes());
      await releaseRuntime();
    };
    for (let i = 0; i < 2; i++) {
      await use();
      await settle();
      sizes.push(megabytes());
    }
    console.log(JSON.stringify(sizes));`);
  const [start, full, ...rest] = JSON.parse(sizes) as number[];
  const end = rest.at(-1) as number;
  assert.ok(full > start + 0.9 * megabytes, `${full} MB with it, ${start} MB before`);
  assert.ok(end < start + 0.3 * megabytes, `${end} MB after it, ${start} MB before`);
});
