import { drawTable } from '../readme.ts';
import type { Run, RunKey, RunStore } from './results.ts';
import type { Task } from './tasks.ts';
import { byFisher, frequency, units, type Variant, variants } from './variants.ts';

/** The means of the runs of one way at one target. */
interface Cell {
  readonly mean: number;
  readonly spread: number;
  readonly count: number;
}

type Key = Omit<RunKey, 'seed'>;

/** All losses as Markdown, and whether what was promised holds. */
export function drawQuality(
  store: RunStore,
  tasks: readonly Task[],
  { seeds, circumstances }: { readonly seeds: readonly number[]; readonly circumstances: string },
): string {
  const look = (key: Key) => cellOf(seeds.flatMap((seed) => store.get({ ...key, seed }) ?? []));
  return `${[
    '# What pruning costs, by every way',
    introduction(seeds.length, circumstances),
    ...tasks.flatMap((task) => [
      `## ${task.title}`,
      settings(task),
      drawTask(task, seeds.length, look),
      drawVerdicts(task, look),
    ]),
  ].join('\n\n')}\n`;
}

function introduction(seeds: number, circumstances: string): string {
  return `Written by \`npm run bench:quality\`, with the command line that users have; \`quality/results.json\` holds every run (${circumstances}). Mean loss of the test
part over ${seeds} seeds (of order and dropout) ± their standard deviation, by the share of weights, or of rows, columns, blocks or hidden units, that was
pruned. Both sides begin with the same trained weights and train for the same epochs with Adam, the same batches' size and the same learning
rate, which falls as half a cosine; \`dense\` is trained on for as long as the others, unpruned. PyTorch prunes with
torch.nn.utils.prune.global_unstructured over the two matrices of each layer: at once before training (oneshot), or along the same cubic ramp over the
first half of the steps, a change every ${frequency} (polynomial). Both train on the first nine tenths of the training part. Rows of \`nothing trained\` show the pruned weights as they are.`;
}

function settings({ epochs, batch, learningRate }: Task): string {
  return `${epochs} epochs, batches of ${batch}, learning rate ${learningRate}.`;
}

const shown = [0, 0.5, 0.8, 0.9, 0.95];

function drawTask({ name: task }: Task, seeds: number, look: (key: Key) => Cell | undefined): string {
  const rows: string[][] = [];
  for (const [i, { title: way, peer }] of variants.entries()) {
    for (const side of peer ? (['ours', 'pytorch'] as const) : (['ours'] as const)) {
      const cells = shown.map((level) =>
        look({ task, side, way: level === 0 ? variants[0].title : way, level }),
      );
      if (i > 0) cells[0] = undefined;
      if (cells.every((cell) => cell === undefined)) continue;
      rows.push([
        side === 'pytorch' ? `PyTorch, ${peer}` : way,
        ...cells.map((cell) => (cell ? text(cell, seeds) : '')),
      ]);
    }
  }
  return drawTable(['way', 'dense', '50 %', '80 %', '90 %', '95 %'], rows);
}

/** Promises: at 90 % no worse than the script in mean, at 80 % no worse than dense, with half the units within 3 % of dense. */
function drawVerdicts({ name: task }: Task, look: (key: Key) => Cell | undefined): string {
  const [oneshot, polynomial] = variants;
  const dense = look({ task, side: 'ours', way: oneshot.title, level: 0 });
  const at = ({ title: way }: Variant, level: number, side: RunKey['side'] = 'ours') =>
    look({ task, side, way, level });
  return [
    ...([oneshot, byFisher.oneshot] as const).map((own) =>
      verdict(`90 % by ${own.title}, against PyTorch, oneshot`, at(own, 0.9), at(oneshot, 0.9, 'pytorch'), 0),
    ),
    ...([polynomial, byFisher.polynomial] as const).map((own) =>
      verdict(
        `90 % by ${own.title}, against PyTorch, polynomial`,
        at(own, 0.9),
        at(polynomial, 0.9, 'pytorch'),
        0,
      ),
    ),
    ...[polynomial, byFisher.polynomial].map((own) =>
      verdict(`80 % by ${own.title}, against dense`, at(own, 0.8), dense, 0),
    ),
    ...units.map((own) =>
      verdict(`half of the hidden units by ${own.title}, against dense`, at(own, 0.5), dense, 0.03),
    ),
  ].join('\n');
}

function verdict(what: string, ours: Cell | undefined, other: Cell | undefined, allowed: number): string {
  if (!ours || !other) return `- ${what}: not measured`;
  const share = ours.mean / other.mean - 1;
  const percent = `${share > 0 ? '+' : ''}${(share * 100).toFixed(1)} %`;
  const goal = allowed === 0 ? 'at most 0 %' : `at most +${allowed * 100} %`;
  return `- ${what}: ${ours.mean.toFixed(4)} to ${other.mean.toFixed(4)}, ${percent} (${goal}): ${share <= allowed ? 'reached' : '**missed**'}`;
}

function cellOf(runs: readonly Run[]): Cell | undefined {
  if (runs.length === 0) return undefined;
  const mean = runs.reduce((sum, { loss }) => sum + loss, 0) / runs.length;
  const square = runs.reduce((sum, { loss }) => sum + (loss - mean) ** 2, 0);
  return { mean, spread: Math.sqrt(square / Math.max(1, runs.length - 1)), count: runs.length };
}

function text({ mean, spread, count }: Cell, seeds: number): string {
  const digits = mean >= 10 ? 1 : 4;
  if (count === 1) return mean.toFixed(digits);
  const fewer = count < seeds ? ` (${count} seeds)` : '';
  return `${mean.toFixed(digits)} ± ${spread.toFixed(digits)}${fewer}`;
}
