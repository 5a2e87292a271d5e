import { parseArgs } from 'node:util';
import { configurations, levels } from './configurations.ts';
import type { EngineName, PeerName } from './results.ts';

export interface BenchOptions {
  readonly configs: readonly string[];
  readonly passes: readonly ('train' | 'forward')[];
  readonly levels: readonly number[];
  readonly threads: readonly number[];
  readonly engines: readonly EngineName[];
  readonly peers: readonly PeerName[];
  /** Measurements behind each median. */
  readonly runs: number;
  /** Folder for results.json and README.md; absent: they are only shown. */
  readonly out?: string;
}

export const usage = `Usage: npm run bench -- [FLAGS]

Measures this project's engines against others, in turns, and writes bench/results.json and bench/README.md; some twenty
minutes on two cores that do nothing else. With any flag but --out it only shows what it measured, unless --out is given.

  --configs a,b,c,d            --passes train,forward      --levels 0,0.5,0.8,0.9,0.95
  --threads 1,2                --engines wasm,tensorflow
  --peers pytorch,keras,onnxruntime,tfjs-node,tfjs-wasm    (tfjs-cpu too, when it is named)
  --runs 11                    Measurements behind each median.
  --out FOLDER                 Where results.json and README.md go.
`;

const choices = {
  configs: configurations.map(({ letter }) => letter),
  passes: ['train', 'forward'],
  levels: levels.map(String),
  threads: ['1', '2'],
  engines: ['wasm', 'tensorflow'],
  peers: ['pytorch', 'keras', 'onnxruntime', 'tfjs-node', 'tfjs-wasm'],
} as const;

/** Any level and number of threads may be asked for. */
const open: readonly string[] = ['levels', 'threads'];

/** Throws an `Error` of one line where a flag or a value is none. */
export function parseOptions(args: readonly string[], defaultOut: string): BenchOptions {
  const names = [...Object.keys(choices), 'runs', 'out'];
  const { values } = parseArgs({
    args: [...args],
    options: Object.fromEntries(names.map((name) => [name, { type: 'string' as const }])),
  });
  const list = (name: keyof typeof choices): string[] => {
    const known: readonly string[] = choices[name];
    const asked = values[name]?.split(',') ?? [...known];
    const stranger = asked.find((value) =>
      open.includes(name)
        ? !(Number(value) >= 0)
        : !known.includes(value) && !(name === 'peers' && value === 'tfjs-cpu'),
    );
    if (stranger !== undefined) throw new Error(`--${name}: "${stranger}" is none of ${known.join(', ')}`);
    return asked;
  };
  const runs = Number(values.runs ?? 11);
  if (!Number.isInteger(runs) || runs < 1) throw new Error(`--runs: "${values.runs}" is no count`);
  const out = values.out ?? (args.length === 0 ? defaultOut : undefined);
  return {
    configs: list('configs'),
    passes: list('passes') as BenchOptions['passes'],
    levels: list('levels').map(Number),
    threads: list('threads').map(Number),
    engines: list('engines') as EngineName[],
    peers: list('peers') as PeerName[],
    runs,
    ...(out !== undefined && { out }),
  };
}
