import assert from 'node:assert/strict';
import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { CancellationTokenSource } from 'vscode-jsonrpc';
import { BackgroundClient } from '../../extension/host/services/backgroundClient.ts';
import type { JobProgress } from '../../extension/protocol/requests.ts';
import { messageOf } from '../../extension/protocol/userError.ts';
import { writeSequenceData } from '../support/sequenceData.ts';

const root = join(import.meta.dirname, '..', '..');
const example = join(root, 'examples', 'reber');

/** A process that begins to write what it is asked to prune, says so, and hears nothing any more. */
const deafProcess = `
  import { writeFileSync } from 'node:fs';
  import { temporaryName } from '${pathToFileURL(join(root, 'extension/protocol/temporaryNames.ts'))}';
  process.on('message', ({ method, params }) => {
    if (method !== 'prune') return;
    writeFileSync(params.path.replace(/m\\.keras$/, temporaryName('m.pruned.keras', process.pid)), '');
    const value = { stage: 'write', done: 0.5 };
    process.send({ jsonrpc: '2.0', method: '$/progress', params: { token: params.progressToken, value } });
  });
`;

/** The code of what a promise rejects with; fails where it does not. */
async function rejection(promise: Promise<unknown>) {
  return promise.then(
    () => assert.fail('it did not fail'),
    (error) => messageOf(error),
  );
}

describe('the client of the background process', () => {
  let folder: string;
  let model: string;
  let data: string;
  let log: string[];
  let client: BackgroundClient;

  function clientOf(module: string, l10nBundle?: string) {
    return new BackgroundClient({ module, l10nBundle, locale: 'en', log: (line) => log.push(line) });
  }

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lstm-pruner-test-'));
    model = join(folder, 'm.keras');
    await copyFile(join(example, 'reber.keras'), model);
    data = join(folder, 'data.npz');
    await writeSequenceData(data);
    log = [];
    client = clientOf(join(root, 'extension/background/main.ts'));
  });

  afterEach(async () => {
    client.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  function processId(): number {
    const started = log.findLast((line) => line.includes('started')) ?? assert.fail('no process was started');
    return Number(/\d+/.exec(started)?.[0]);
  }

  const startsOf = () => log.filter((line) => line.includes('started')).length;

  it('starts nothing before the first request, and one process for all that follow', async () => {
    assert.deepEqual(log, []);
    const { recurrentLayers } = await client.probe({ path: model });
    assert.equal(recurrentLayers.length, 1);
    const { layers } = await client.inspect({ path: model });
    assert.deepEqual(Object.keys(layers[0].gates), ['i', 'f', 'c', 'o']);
    assert.equal(startsOf(), 1);
  });

  it('passes on what the user can act on as a code with its arguments', async () => {
    const missing = join(folder, 'none.h5');
    assert.deepEqual(await rejection(client.inspect({ path: missing })), {
      code: 'fileNotFound',
      args: { file: missing },
    });
  });

  it('tells of the death of its process, and starts another with the next request', async () => {
    const pruning = rejection(
      client.prune({ path: model, recipe: { sparsity: 0.8, data } }, undefined, ({ stage }) => {
        // By then the output is written, under its temporary name.
        if (stage === 'evaluateAfter') process.kill(processId(), 'SIGKILL');
      }),
    );
    assert.deepEqual(await pruning, { code: 'backgroundDied', args: { reason: 'SIGKILL' } });
    assert.deepEqual(await readdir(folder), ['data.npz', 'm.keras']);
    await client.probe({ path: model });
    assert.equal(startsOf(), 2);
  });

  it('tells of a process that cannot start', async () => {
    const broken = join(folder, 'broken.mjs');
    await writeFile(broken, "throw new Error('broken');");
    const other = clientOf(broken);
    assert.deepEqual(await rejection(other.probe({ path: model })), {
      code: 'backgroundDied',
      args: { reason: 'exit 1' },
    });
    assert.ok(log.some((line) => line.includes("new Error('broken')")));
    other.dispose();
  });

  it('cancels a prune half-way without a trace', async () => {
    const original = await readFile(model);
    const source = new CancellationTokenSource();
    const request = { path: model, recipe: { sparsity: 0.8, data } };
    const cancelled = client.prune(request, source.token, ({ stage }) => {
      if (stage === 'evaluateAfter') source.cancel();
    });
    assert.equal((await rejection(cancelled)).code, 'cancelled');
    assert.deepEqual(await readdir(folder), ['data.npz', 'm.keras']);
    assert.deepEqual(await readFile(model), original);
    assert.equal((await client.probe({ path: model })).recurrentLayers.length, 1);
    assert.equal(startsOf(), 1, 'a cancel must not end the process');
  });

  describe('whose process ignores a cancel', () => {
    const cancelMilliseconds = 300;
    let deaf: BackgroundClient;

    beforeEach(async () => {
      const module = join(folder, 'deaf.mjs');
      await writeFile(module, deafProcess);
      deaf = new BackgroundClient({
        module,
        locale: 'en',
        log: (line) => log.push(line),
        cancelMilliseconds,
      });
    });
    afterEach(() => deaf.dispose());

    it('ends it when the time for obeying is over, and what it has begun to write is removed', async () => {
      const source = new CancellationTokenSource();
      const progressed = Promise.withResolvers<void>();
      const request = { path: model, recipe: { sparsity: 0.8 } };
      const cancelled = rejection(deaf.prune(request, source.token, () => progressed.resolve()));
      const other = rejection(deaf.inspect({ path: model }));
      await progressed.promise;
      assert.ok((await readdir(folder)).some((name) => name.endsWith('.tmp')));
      const start = performance.now();
      source.cancel();
      assert.deepEqual(await cancelled, { code: 'cancelled', args: {} });
      assert.ok(performance.now() - start >= cancelMilliseconds - 10, 'it was not given its time');
      assert.deepEqual(await other, { code: 'backgroundDied', args: { reason: 'SIGKILL' } });
      assert.equal(isAlive(processId()), false);
      assert.deepEqual(await readdir(folder), ['data.npz', 'deaf.mjs', 'm.keras']);
    });

    it('leaves it alone when it is a search that was given up', async () => {
      const source = new CancellationTokenSource();
      const other = rejection(deaf.probe({ path: model }, source.token));
      const progressed = Promise.withResolvers<void>();
      void rejection(deaf.prune({ path: model, recipe: {} }, undefined, () => progressed.resolve()));
      await progressed.promise;
      source.cancel();
      await new Promise((resolve) => setTimeout(resolve, 2 * cancelMilliseconds));
      assert.equal(isAlive(processId()), true);
      process.kill(processId(), 'SIGKILL');
      assert.equal((await other).code, 'backgroundDied');
    });
  });

  it('obeys a cancel that arrives together with its request', async () => {
    await client.probe({ path: model });
    // A process that is stopped finds both in its channel when it goes on.
    process.kill(processId(), 'SIGSTOP');
    const source = new CancellationTokenSource();
    const cancelled = client.prune({ path: model, recipe: { sparsity: 0.8 } }, source.token);
    source.cancel();
    process.kill(processId(), 'SIGCONT');
    assert.equal((await rejection(cancelled)).code, 'cancelled');
    assert.deepEqual(await readdir(folder), ['data.npz', 'm.keras']);
  });

  it('reports progress to the request it belongs to', async () => {
    const seen: Record<'a' | 'b', JobProgress[]> = { a: [], b: [] };
    const run = (name: 'a' | 'b') =>
      client.prune(
        { path: model, recipe: { sparsity: 0.8 }, output: join(folder, `${name}.keras`) },
        undefined,
        (p) => seen[name].push(p),
      );
    await Promise.all([run('a'), run('b')]);
    for (const list of [seen.a, seen.b]) {
      const done = list.map((progress) => progress.done);
      assert.ok(done.length > 2);
      assert.deepEqual(
        done,
        done.toSorted((x, y) => x - y),
      );
    }
  });

  it('writes reports in the language it was given', async () => {
    const report = await client.prune({ path: model, recipe: { sparsity: 0.8 } });
    const chinese = clientOf(
      join(root, 'extension/background/main.ts'),
      join(root, 'l10n/bundle.l10n.zh-cn.json'),
    );
    for (const [speaker, word] of [
      [client, 'Sparsity'],
      [chinese, '稀疏度'],
    ] as const) {
      const path = join(folder, `${word}.md`);
      await speaker.render({ report, format: 'markdown', path });
      assert.ok((await readFile(path, 'utf8')).includes(word), word);
    }
    chinese.dispose();
  });

  it('gives up what runs when it is disposed, and the process ends after it has cleaned up', async () => {
    const pruning = rejection(
      client.prune(
        { path: model, recipe: { sparsity: 0.8, data } },
        undefined,
        ({ stage }) => stage === 'evaluateBefore' && client.dispose(),
      ),
    );
    assert.equal((await pruning).code, 'cancelled');
    const id = processId();
    for (let i = 0; i < 200 && isAlive(id); i++) await new Promise((resolve) => setTimeout(resolve, 25));
    assert.equal(isAlive(id), false);
    assert.deepEqual(await readdir(folder), ['data.npz', 'm.keras']);
  });
});

function isAlive(id: number): boolean {
  try {
    process.kill(id, 0);
    return true;
  } catch {
    return false;
  }
}
