import { join } from 'node:path';
import type { InspectReport } from '../../extension/protocol/report.ts';
import { root } from '../../test/support/paths.ts';
import { median } from '../median.ts';
import type { Contest } from './contests.ts';
import type { Row } from './report.ts';
import { runProcess } from './runProcess.ts';

export interface RaceOptions {
  /** Where the models are. */
  readonly folder: string;
  readonly python: string;
  readonly rounds: number;
}

/** Lets ours and the script run by turns, after one run each that does not count and tells that both find the same. */
export function race({ file, peer, script }: Contest, { folder, python, rounds }: RaceOptions): Row {
  const path = join(folder, file);
  const runners = [
    () => runProcess(process.execPath, [join(root, 'dist/cli.js'), 'inspect', path, '--json']),
    () => runProcess(python, [join(root, 'bench/inspect/peers', script), path]),
  ];
  const [report, list] = runners.map((run) => JSON.parse(run().text));
  checkSame(sparsities(report), list, `${file} with ${peer}`);
  const times: number[][] = runners.map(() => []);
  for (let round = 0; round < rounds; round++)
    for (const [i, run] of runners.entries()) times[i].push(run().ms);
  const [ours, other] = times.map(median);
  return { file, peer, ours, other };
}

function sparsities({ layers }: InspectReport): number[] {
  const gates = layers.flatMap((layer) => Object.values(layer.gates));
  return gates.flatMap(({ kernel, recurrent }) => [kernel.sparsity, recurrent.sparsity]);
}

/** Formats differ in the order of gates. */
export function checkSame(ours: readonly number[], theirs: readonly number[], what: string): void {
  const [a, b] = [ours, theirs].map((list) => list.toSorted((x, y) => x - y));
  if (a.length !== b.length || a.some((value, i) => Math.abs(value - b[i]) > 1e-9))
    throw new Error(`${what}: the sparsities differ`);
}
