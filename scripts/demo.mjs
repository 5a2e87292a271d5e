import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';

// The main job, headless: prunes the example's trained LSTM to a tenth and fine-tunes what is left, through the command line, which runs
// the extension's own jobs.
const folder = 'dist/demo';
mkdirSync(folder, { recursive: true });
const args = [
  'prune',
  'examples/reber/reber.keras',
  ...['--data', 'examples/reber/reber.npz'],
  ...['--sparsity', '0.9'],
  ...['--epochs', '20', '--learning-rate', '0.01', '--decay', 'cosine', '--clip-norm', '1'],
  // A demonstration shows the whole way each time.
  '--no-resume',
  ...['--out', `${folder}/reber.pruned.keras`],
  ...['--report', `${folder}/report.html`],
  '--force',
];
console.log(`lstm-pruner ${args.join(' ')}\n`);
const { status } = spawnSync(process.execPath, ['dist/cli.js', ...args], { stdio: 'inherit' });
if (status === 0) console.log(`Report  ${folder}/report.html`);
process.exitCode = status ?? 1;
