// npm run bench:masks: how long the masks of 50 million weights take, beside PyTorch. Writes bench/masks.md.
import { writeFileSync } from 'node:fs';
import { availableParallelism, release, type } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { setupPython } from '../../scripts/setupPython.mjs';
import { root } from '../../test/support/paths.ts';
import { Contender } from '../contender.ts';
import { describeCpu } from '../machine.ts';
import { takeTurns } from '../takeTurns.ts';
import { ours } from './ours.ts';
import { drawMasks, type Task } from './report.ts';

const task: Task = { inputs: 64, hidden: 2048, layers: 2, sparsity: 0.9 };

const { values: options } = parseArgs({
  options: { out: { type: 'string' }, runs: { type: 'string', default: '9' } },
});
const rounds = Number(options.runs);

const { inputs, hidden, layers, sparsity } = task;
const torch = new Contender('PyTorch', {
  command: process.env.LSTM_PRUNER_PYTHON ?? (await setupPython()),
  args: [
    fileURLToPath(new URL('torchGlobal.py', import.meta.url)),
    ...[inputs, hidden, layers, sparsity].map(String),
  ],
  env: { OMP_NUM_THREADS: '1', MKL_NUM_THREADS: '1', PYTHONDONTWRITEBYTECODE: '1' },
});
try {
  const { versions } = await torch.ask({ do: 'hello' });
  const peer = {
    name: torch.name,
    run: async (steps: number) => (await torch.ask({ do: 'run', steps })).ms,
  };
  const [own, other] = await takeTurns([ours(task), peer], rounds);
  const page = drawMasks({
    task,
    ours: own,
    torch: other,
    rounds,
    date: new Date().toISOString().slice(0, 10),
    machine: `${describeCpu()}, ${availableParallelism()} cores, ${type()} ${release()}`,
    versions: { node: process.versions.node, ...versions },
  });
  console.log(page);
  writeFileSync(options.out ?? join(root, 'bench/masks.md'), page);
} finally {
  await torch.close();
}
