import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './paths.ts';

export interface Measured<T> {
  readonly report: T;
  /** The most memory that the process held, in bytes. */
  readonly memory: number;
  readonly seconds: number;
}

/**
 * Runs the built command line with --json. Throws with what it said where it fails.
 * @param notes a file to note the memory in
 */
export function measuredCli<T>(args: readonly string[], notes: string): Measured<T> {
  const note = `import { writeFileSync } from 'node:fs';
    process.on('exit', () => writeFileSync(${JSON.stringify(notes)}, String(process.resourceUsage().maxRSS)));`;
  const hook = `--import=data:text/javascript,${encodeURIComponent(note)}`;
  const begun = performance.now();
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [hook, join(root, 'dist/cli.js'), ...args, '--json'],
    { encoding: 'utf8', maxBuffer: 64 * 2 ** 20 },
  );
  const seconds = (performance.now() - begun) / 1000;
  if (status !== 0) throw new Error(`lstm-pruner ${args.join(' ')} ended with ${status}\n${stderr}`);
  return { report: JSON.parse(stdout) as T, memory: Number(readFileSync(notes, 'utf8')) * 1024, seconds };
}
