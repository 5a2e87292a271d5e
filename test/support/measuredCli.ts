import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './paths.ts';

export interface Measured<T> {
  readonly report: T;
  /** The most memory that the process held, in bytes. */
  readonly memory: number;
  readonly seconds: number;
  /** What of the processor it took, in seconds; a busy machine makes them no more. */
  readonly processor: number;
}

/** Says what was measured of something. */
export function sayMeasured(what: string, { memory, seconds, processor }: Measured<unknown>): void {
  const times = `${seconds.toFixed(1)} s (${processor.toFixed(1)} s of the processor)`;
  console.log(`measured: ${what}: ${Math.round(memory / 1e6)} MB, ${times}`);
}

/**
 * Runs the built command line with --json. Throws with what it said where it fails.
 * @param notes a file to note in what it took
 */
export function measuredCli<T>(args: readonly string[], notes: string): Measured<T> {
  const note = `import { writeFileSync } from 'node:fs';
    process.on('exit', () => writeFileSync(${JSON.stringify(notes)}, JSON.stringify(process.resourceUsage())));`;
  const hook = `--import=data:text/javascript,${encodeURIComponent(note)}`;
  const begun = performance.now();
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [hook, join(root, 'dist/cli.js'), ...args, '--json'],
    { encoding: 'utf8', maxBuffer: 64 * 2 ** 20 },
  );
  const seconds = (performance.now() - begun) / 1000;
  if (status !== 0) throw new Error(`lstm-pruner ${args.join(' ')} ended with ${status}\n${stderr}`);
  const used = JSON.parse(readFileSync(notes, 'utf8')) as NodeJS.ResourceUsage;
  const processor = (used.userCPUTime + used.systemCPUTime) / 1e6;
  return { report: JSON.parse(stdout) as T, memory: used.maxRSS * 1024, seconds, processor };
}
