import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import type { InspectReport, PruneReport } from '../../extension/protocol/report.ts';
import { writeKerasH5 } from '../support/kerasFile.ts';
import { root } from '../support/paths.ts';
import { randomFloats, seeded } from '../support/random.ts';
import { scratchFiles } from '../support/scratch.ts';

const write = scratchFiles();
const inputs = 64;
const hidden = 4000;
const weights = 4 * hidden * (inputs + hidden);
const mebibyte = 2 ** 20;

/** Runs the command line; gives its JSON and the most memory that it held, in bytes. */
function run<T>(args: readonly string[]): { report: T; memory: number } {
  const noted = write('memory', '');
  const note = `import { writeFileSync } from 'node:fs';
    process.on('exit', () => writeFileSync(${JSON.stringify(noted)}, String(process.resourceUsage().maxRSS)));`;
  const hook = `--import=data:text/javascript,${encodeURIComponent(note)}`;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [hook, join(root, 'dist/cli.js'), ...args, '--json'],
    { encoding: 'utf8', maxBuffer: 64 * mebibyte },
  );
  assert.equal(status, 0, stderr);
  return { report: JSON.parse(stdout) as T, memory: Number(readFileSync(noted, 'utf8')) * 1024 };
}

async function checksum(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest('hex');
}

let model = '';
before(async () => {
  const next = seeded(7);
  const values = (n: number) => randomFloats(n, next);
  model = await writeKerasH5(write('large.h5', ''), {
    config: {
      class_name: 'Sequential',
      config: [
        {
          class_name: 'LSTM',
          config: {
            name: 'lstm',
            batch_input_shape: [null, null, inputs],
            units: hidden,
            activation: 'tanh',
            recurrent_activation: 'sigmoid',
          },
        },
      ],
    },
    kerasVersion: '2.1.6',
    layers: [
      {
        name: 'lstm',
        weights: [
          { name: 'lstm/kernel:0', shape: [inputs, 4 * hidden], values: values(inputs * 4 * hidden) },
          {
            name: 'lstm/recurrent_kernel:0',
            shape: [hidden, 4 * hidden],
            values: values(hidden * 4 * hidden),
          },
          { name: 'lstm/bias:0', shape: [4 * hidden], values: values(4 * hidden) },
        ],
      },
    ],
  });
});

test('a model of 65 million weights is inspected with little more memory than its largest matrix takes', () => {
  const { report, memory } = run<InspectReport>(['inspect', model]);
  assert.equal(report.layers[0].gates.i?.recurrent.size, hidden * hidden);
  // 244 MiB in the library's memory, the same as values, and Node itself.
  assert.ok(memory < 900 * mebibyte, `${Math.round(memory / mebibyte)} MiB`);
});

test('it is pruned to exactly the share that was asked for, and stays as it was', async () => {
  const original = await checksum(model);
  const { report, memory } = run<PruneReport>(['prune', model, '--sparsity', '0.8']);
  const zeros = report.after.layers
    .flatMap(({ gates }) => Object.values(gates))
    .reduce((sum, { kernel, recurrent }) => sum + kernel.zeros + recurrent.zeros, 0);
  assert.equal(zeros, Math.round(0.8 * weights));
  assert.equal(await checksum(model), original);
  console.log(`measured: ${Math.round(memory / mebibyte)} MiB for pruning ${weights} weights`);
});
