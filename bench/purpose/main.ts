// npm run bench:purpose: pruned to a tenth and fine-tuned, a model is as good as before. Writes bench/purpose.md.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { PruneReport } from '../../extension/protocol/report.ts';
import { root, shared } from '../../test/support/paths.ts';
import { drawPurpose, isAsGood, type PurposeRow } from './report.ts';
import { writeUntrained } from './untrainedModel.ts';

const sparsity = 0.9;
/** Drawn numbers of the initial weights, and of the order of the samples. */
const seed = 1;

const { values: options } = parseArgs({
  options: { only: { type: 'string' }, out: { type: 'string' }, engine: { type: 'string', default: 'wasm' } },
});

/** Runs the command line as a user would, with what it says on standard error. Throws when it fails. */
async function prune(model: string, out: string, flags: readonly string[]): Promise<PruneReport> {
  const args = ['prune', model, '--out', out, '--json', '--seed', String(seed), '--engine', options.engine];
  console.error(['lstm-pruner', ...args, ...flags].join(' '));
  const child = spawn(process.execPath, [join(root, 'dist/cli.js'), ...args, ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (text) => {
    output += text;
  });
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  if (code !== 0) throw new Error(`lstm-pruner prune ended with ${code}`);
  return JSON.parse(output);
}

/** Prunes a dense model and fine-tunes it; beside it the dense model is trained for as long, so that it has its chance too. */
async function row(
  name: string,
  folder: string,
  dense: string,
  flags: readonly string[],
): Promise<PurposeRow> {
  const run = (share: number, file: string) =>
    prune(dense, join(folder, `${name}.${file}.keras`), ['--sparsity', String(share), ...flags]);
  const report = await run(sparsity, 'pruned');
  const control = await run(0, 'longer');
  const lossOf = (state: PruneReport['before']) => {
    if (state.loss === undefined) throw new Error(`${name}: the report has no loss`);
    return { loss: state.loss, accuracy: state.metrics?.accuracy };
  };
  return {
    name,
    dense: lossOf(report.before),
    longer: lossOf(control.after),
    pruned: lossOf(report.pruned),
    finetuned: lossOf(report.after),
    sparsity: report.after.sparsity,
    samples: report.data?.samples ?? 0,
    split: report.data?.split ?? '',
    validationSplit: report.finetune?.validationSplit ?? '',
    epochs: report.finetune?.epochs.length ?? 0,
    kept: report.finetune?.kept ?? 0,
    seconds: report.seconds,
    engine: report.engine ?? '',
    flags: flags.map((flag) => flag.split(/[\\/]/).at(-1)).join(' '),
  };
}

async function reber(folder: string): Promise<PurposeRow> {
  const example = join(root, 'examples/reber');
  const data = ['--data', join(example, 'reber.npz')];
  return row('reber', folder, join(example, 'reber.keras'), [
    ...data,
    ...['--epochs', '40', '--patience', '40', '--learning-rate', '0.005', '--decay', 'cosine'],
  ]);
}

/** LSTM(128) over the 28 rows of an image, trained from random weights first. */
async function mnist(folder: string): Promise<PurposeRow> {
  const data = ['--data', join(shared, 'data/mnist_rows.npz')];
  const untrained = join(folder, 'untrained.keras');
  const dense = join(folder, 'dense.keras');
  await writeUntrained(untrained, { steps: 28, inputs: 28, hidden: 128, classes: 10 }, seed);
  const training = ['--epochs', '30', '--patience', '30', '--learning-rate', '0.002', '--decay', 'cosine'];
  await prune(untrained, dense, ['--sparsity', '0', ...data, ...training]);
  return row('mnist rows', folder, dense, [...data, ...training]);
}

const tasks = [
  { name: 'reber', run: reber, skip: undefined },
  {
    name: 'mnist',
    run: mnist,
    skip: existsSync(shared) ? undefined : 'mnist rows: skipped, ../shared is not there',
  },
];

const folder = mkdtempSync(join(tmpdir(), 'lstm-pruner-purpose-'));
try {
  const rows: PurposeRow[] = [];
  const notes: string[] = [];
  for (const { name, run, skip } of tasks) {
    if (options.only !== undefined && options.only !== name) continue;
    if (skip === undefined) rows.push(await run(folder));
    else notes.push(skip);
  }
  const page = drawPurpose(rows, notes, new Date().toISOString().slice(0, 10));
  console.log(page);
  // A part of the tasks does not replace the page of all.
  const out = options.out ?? (options.only === undefined ? join(root, 'bench/purpose.md') : undefined);
  if (out !== undefined) writeFileSync(out, page);
  if (!rows.every(isAsGood)) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
