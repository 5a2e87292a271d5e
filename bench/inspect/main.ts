// npm run bench:inspect: how long `inspect` takes of a model of 400 MB in each format, beside a Python script with the library that owns
// it, whole process beside whole process. Writes bench/inspect.md.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg, release, tmpdir, type } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { setupPython } from '../../scripts/setupPython.mjs';
import { root } from '../../test/support/paths.ts';
import { describeCpu } from '../machine.ts';
import { contests } from './contests.ts';
import { race } from './race.ts';
import { drawInspect, type Stack } from './report.ts';
import { runProcess } from './runProcess.ts';

const stack: Stack = { layers: 8, units: 1250 };

const { values: options } = parseArgs({
  options: { out: { type: 'string' }, runs: { type: 'string', default: '5' } },
});
const rounds = Number(options.runs);
const python = process.env.LSTM_PRUNER_PYTHON ?? (await setupPython());
const folder = mkdtempSync(join(tmpdir(), 'lstm-pruner-bench-'));
try {
  const make = join(root, 'bench/inspect/makeModels.py');
  const made = runProcess(python, [make, folder, ...[stack.layers, stack.units].map(String)]);
  const before = loadavg()[0];
  const rows = contests.map((contest) => race(contest, { folder, python, rounds }));
  const page = drawInspect({
    stack,
    rows,
    rounds,
    load: [before, loadavg()[0]],
    date: new Date().toISOString().slice(0, 10),
    machine: `${describeCpu()}, ${availableParallelism()} cores, ${type()} ${release()}`,
    versions: { node: process.versions.node, ...JSON.parse(made.text) },
  });
  console.log(page);
  writeFileSync(options.out ?? join(root, 'bench/inspect.md'), page);
} finally {
  rmSync(folder, { recursive: true });
}
