import { drawTable } from '../readme.ts';

/** LSTMs on each other, with as many inputs as units. */
export interface Stack {
  readonly layers: number;
  readonly units: number;
}

/** Medians in milliseconds. */
export interface Row {
  readonly file: string;
  readonly peer: string;
  readonly ours: number;
  readonly other: number;
}

export interface InspectResults {
  readonly stack: Stack;
  readonly rows: readonly Row[];
  readonly rounds: number;
  /** The machine's load average of a minute, before and after. */
  readonly load: readonly [number, number];
  readonly date: string;
  readonly machine: string;
  readonly versions: Readonly<Record<string, string>>;
}

export function drawInspect({ stack, rows, rounds, load, date, machine, versions }: InspectResults): string {
  const { layers, units } = stack;
  const named = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const missed = rows.filter(({ ours, other }) => ours > other);
  const verdict =
    missed.length === 0
      ? 'reached in every format'
      : `**missed** beside ${missed.map(({ peer, file }) => `${peer} (\`${file}\`)`).join(', ')}`;
  return `${[
    '# Inspecting a model of 400 MB',
    `Written by \`npm run bench:inspect\` on ${date}: ${machine}; ${named.join(', ')}. Load average ${load.map((one) => one.toFixed(1)).join(' before, ')} after.

\`lstm-pruner inspect\` of ${layers} LSTMs of ${units} units over as many inputs (${Math.round((layers * 32 * units ** 2) / 1e6)} MB of float32), beside the shortest Python script that computes
the sparsity of every gate with the library that owns the format (\`bench/inspect/peers/\`); ours also finds means, maxima, values near zero and dead
units. Both find the same sparsities, which is checked. Whole process beside whole process, files in the system's cache, by turns, medians of ${rounds}. \`ratio\` is the
script's time by ours: above 1 ours is faster.`,
    drawTable(
      ['file', 'ours, ms', 'beside', 'ms', 'ratio'],
      rows.map(({ file, peer, ours, other }) => [
        `\`${file}\``,
        ours.toFixed(0),
        peer,
        other.toFixed(0),
        (other / ours).toFixed(2),
      ]),
    ),
    `Target: ours no slower: ${verdict}.`,
  ].join('\n\n')}\n`;
}
