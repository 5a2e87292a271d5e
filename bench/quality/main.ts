// npm run bench:quality: losses of what each way of pruning leaves, three seeds each, beside PyTorch. Writes bench/quality.md.
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { release, tmpdir, type } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import type { PruneReport } from '../../extension/protocol/report.ts';
import { pythonPath, runCliJson } from '../../test/interop/environment.ts';
import { root, shared } from '../../test/support/paths.ts';
import { describeCpu } from '../machine.ts';
import { Peer, runScript } from './peer.ts';
import { drawQuality } from './report.ts';
import { type Run, type RunKey, RunStore } from './results.ts';
import { type Task, tasksIn, trainingFlags } from './tasks.ts';
import { allLevels, frequency, type Variant, variants } from './variants.ts';

const seeds = [1, 2, 3];

const { values: options } = parseArgs({
  options: {
    /** Comma-separated names of tasks. */
    tasks: { type: 'string' },
    /** Measure again what results.json has. */
    fresh: { type: 'boolean', default: false },
    /** Only draw the table of what was measured. */
    draw: { type: 'boolean', default: false },
    threads: { type: 'string', default: '2' },
  },
});

const cache = join(root, '.cache/quality');
const store = new RunStore(join(root, 'bench/quality/results.json'));
const tasks = tasksIn(cache).filter(({ name }) => options.tasks?.split(',').includes(name) ?? true);

/** Our command line, as a user runs it. */
async function ours(task: Task, variant: Variant, level: number, seed: number): Promise<Run> {
  const folder = mkdtempSync(join(tmpdir(), 'lstm-pruner-quality-'));
  const out = join(folder, task.model.endsWith('.h5') ? 'out.h5' : 'out.keras');
  const training = variant.untrained ? [] : [...trainingFlags(task, variant.flags), '--no-resume'];
  try {
    const { after, seconds } = await runCliJson<PruneReport>([
      ...['prune', task.model, '--out', out, '--data', task.data],
      ...['--engine', 'wasm', '--threads', options.threads, ...variant.flags],
      // The pattern 2:4 is half.
      ...(variant.flags.includes('n:m') ? [] : ['--sparsity', String(level)]),
      ...['--seed', String(seed)],
      ...training,
    ]);
    const { loss, sparsity, reduction } = after;
    if (loss === undefined) throw new Error(`${task.name}: the report has no loss`);
    return { loss, sparsity, reduction, seconds };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function theirs(peer: Peer, task: Task, variant: Variant, level: number, seed: number): Promise<Run> {
  const { name, model, data, epochs, batch, learningRate } = task;
  const job = { task: name, model, data, epochs, batch, learningRate, sparsity: level, seed };
  const start = performance.now();
  const { loss, sparsity } = await peer.run({
    ...job,
    schedule: variant.peer ?? 'oneshot',
    frequency,
    threads: Number(options.threads),
  });
  return { loss, sparsity, seconds: (performance.now() - start) / 1000 };
}

async function once(key: RunKey, measure: () => Promise<Run>): Promise<void> {
  if (!options.fresh && store.get(key)) return;
  const run = await measure();
  store.set(key, run);
  const { task, side, way, level, seed } = key;
  console.error(
    `${task}, ${side}, ${way}, ${level}, seed ${seed}: ${run.loss.toFixed(4)} (${run.seconds.toFixed(0)} s)`,
  );
}

/** What is measured in one go: some ways, and at which targets PyTorch takes part. */
interface Round {
  readonly ways: readonly Variant[];
  readonly peerLevels: readonly number[];
}

/** Dense models are trained on for as long, by both sides: a level of 0 of the first way. */
async function measure(task: Task, { ways, peerLevels }: Round, peer: Peer): Promise<void> {
  for (const variant of ways) {
    for (const level of variant === variants[0] ? [0, ...variant.levels] : variant.levels) {
      for (const seed of variant.untrained && !variant.title.startsWith('random') ? [1] : seeds) {
        const key = { task: task.name, way: variant.title, level, seed };
        await once({ ...key, side: 'ours' }, () => ours(task, variant, level, seed));
        if (variant.peer && peerLevels.includes(level))
          await once({ ...key, side: 'pytorch' }, () => theirs(peer, task, variant, level, seed));
      }
    }
  }
}

/** What is promised first, then all other ways, then what only completes the table. */
async function measureAll(peer: Peer): Promise<void> {
  const [main, others] = [true, false].map((is) =>
    variants.filter((variant) => (variant.main === true) === is),
  );
  for (const task of tasks) await measure(task, { ways: main, peerLevels: [0, 0.9] }, peer);
  for (const task of tasks) if (task.allWays) await measure(task, { ways: others, peerLevels: [] }, peer);
  for (const task of tasks) await measure(task, { ways: main, peerLevels: [0, ...allLevels] }, peer);
}

if (!existsSync(shared)) throw new Error(`The data of this comparison is not there: ${shared} is missing.`);
if (!options.draw) {
  mkdirSync(cache, { recursive: true });
  const python = await pythonPath();
  if (tasks.some(({ model, data }) => !existsSync(model) || !existsSync(data)))
    await runScript(python, 'prepare.py', [cache, shared]);
  const peer = new Peer(python);
  try {
    await measureAll(peer);
  } finally {
    peer.end();
  }
}
const page = drawQuality(store, tasksIn(cache), { seeds, circumstances: await circumstances() });
writeFileSync(join(root, 'bench/quality.md'), page);

/** Losses depend on versions, and a little on the processor. */
async function circumstances(): Promise<string> {
  const code = 'import keras, torch; print(f"PyTorch {torch.__version__}, Keras {keras.__version__}")';
  const { stdout } = await promisify(execFile)(await pythonPath(), ['-c', code]);
  return `${describeCpu()}, ${type()} ${release()}; Node ${process.versions.node}, ${stdout.trim()}`;
}
