// Models that would have others run code, or read and write elsewhere: nothing of it happens, neither when they are looked at nor when they
// are pruned.
import assert from 'node:assert/strict';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { inspect } from '../../../extension/jobs/inspect.ts';
import { prune } from '../../../extension/jobs/prune.ts';
import { UserError } from '../../../extension/protocol/userError.ts';
import { leftScratch, recordedContext } from '../../support/jobContext.ts';
import { safetensorsFile, smallStack } from '../../support/safetensorsFile.ts';
import { hostile, put } from './hostileFiles.ts';

const scratch = mkdtempSync(join(tmpdir(), 'lstm-pruner-test-'));

after(() => rmSync(scratch, { recursive: true, force: true }));

let count = 0;

/** Of the processor's time for any of these small models; most take a hundredth. */
const mostMicroseconds = 8e6;

for (const [what, [make, expected]] of Object.entries(hostile)) {
  test(`${what} ${expected ? 'is refused' : 'is pruned'}, and nothing else happens`, async () => {
    const around = join(scratch, String(count++));
    const folder = join(around, 'model');
    mkdirSync(folder, { recursive: true });
    const victim = put(
      around,
      'victim',
      Buffer.from(Float32Array.from({ length: 30 }, (_, i) => i + 1).buffer),
    );
    const marker = join(around, 'marker');
    const path = await make({ folder, victim, marker });
    const before = contentsOf(around);
    const output = join(around, 'output');
    const spent = process.cpuUsage();
    await assertEnds(() => inspect({ path }, recordedContext()), expected);
    await assertEnds(
      () =>
        prune({ path, recipe: { sparsity: 0.5 }, output: `${output}${endingOf(path)}` }, recordedContext()),
      expected,
    );
    const { user } = process.cpuUsage(spent);
    assert.ok(user < mostMicroseconds, `${user} µs`);
    assert.equal(existsSync(marker), false);
    const now = contentsOf(around);
    const written = [...now.keys()].filter((name) => !before.has(name));
    assert.equal(written.length > 0, expected === undefined, written.join());
    for (const name of written) {
      assert.match(name, /^output/);
      assert.ok(!lstatSync(join(around, name)).isSymbolicLink(), name);
    }
    for (const [name, content] of before) assert.equal(now.get(name), content, name);
    assert.deepEqual(leftScratch(), []);
  });
}

test('a link that stands where the output goes is replaced, not followed', async () => {
  const around = join(scratch, String(count++));
  mkdirSync(around);
  const victim = put(around, 'victim', 'as it was');
  const path = put(around, 'm.safetensors', safetensorsFile(smallStack()));
  const output = join(around, 'output.safetensors');
  symlinkSync(victim, output);
  await prune({ path, recipe: { sparsity: 0.5 }, output, force: true }, recordedContext());
  assert.equal(readFileSync(victim, 'utf8'), 'as it was');
  assert.ok(lstatSync(output).isFile());
});

function endingOf(path: string): string {
  // A model of several files is a folder.
  return /(\.onnx|\.json|saved_model\.pb)$/.test(path) ? '' : path.slice(path.lastIndexOf('.'));
}

async function assertEnds(action: () => Promise<unknown>, expected: string | undefined): Promise<void> {
  try {
    await action();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    assert.equal(error.info.code, expected, JSON.stringify(error.info));
    return;
  }
  assert.equal(undefined, expected);
}

/** Every file below a folder, and what it holds. */
function contentsOf(folder: string): Map<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  return new Map(
    names
      .filter((name) => !lstatSync(join(folder, name)).isDirectory())
      .map((name) => [name, readFileSync(join(folder, name), 'latin1')]),
  );
}
