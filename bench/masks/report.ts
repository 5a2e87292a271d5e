import { drawTable } from '../readme.ts';
import type { Timing } from '../takeTurns.ts';

/** A stack of LSTM layers, and the share of its weights that goes. */
export interface Task {
  readonly inputs: number;
  readonly hidden: number;
  readonly layers: number;
  readonly sparsity: number;
}

export interface MaskResults {
  readonly task: Task;
  readonly ours: Timing;
  readonly torch: Timing;
  readonly rounds: number;
  readonly date: string;
  readonly machine: string;
  readonly versions: Readonly<Record<string, string>>;
}

/** Masks of 50 million weights are to take no longer, in milliseconds. */
export const target = 1500;

export function weightsOf({ inputs, hidden, layers }: Task): number {
  return 4 * hidden * (inputs + hidden + (layers - 1) * 2 * hidden);
}

export function drawMasks({ task, ours, torch, rounds, date, machine, versions }: MaskResults): string {
  const { inputs, hidden, layers, sparsity } = task;
  const named = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const row = (name: string, { ms, min }: Timing) => [
    name,
    ms.toFixed(0),
    min.toFixed(0),
    (ms / ours.ms).toFixed(2),
  ];
  const reached = ours.ms <= target ? 'reached' : '**missed**';
  return `${[
    '# Masks of tens of millions of weights',
    `Written by \`npm run bench:masks\` on ${date}: ${machine}; ${named.join(', ')}.

Masks of ${layers} LSTM layers of ${hidden} units over ${inputs} inputs, ${(weightsOf(task) / 1e6).toFixed(1)} million weights: the ${100 * sparsity} % with the smallest magnitudes
over all matrices go, on one thread. Ours reads the weights in Keras' layout, \`torch.nn.utils.prune.global_unstructured\` in its own; neither
writes a file. The two take turns in one run, ${rounds} each. \`ratio\` is the time by ours: above 1 ours is faster.`,
    drawTable(['', 'median, ms', 'least, ms', 'ratio'], [row('LSTM Pruner', ours), row('PyTorch', torch)]),
    `Target: ours within ${target} ms: ${reached}.`,
  ].join('\n\n')}\n`;
}
