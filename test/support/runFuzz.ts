import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface FuzzOptions {
  /** A file that is whole; of a model of several files, the main one, in a folder that holds nothing else. */
  readonly good: string;
  readonly several?: boolean;
  /** Where damaged copies are put. */
  readonly folder: string;
  /** The first seed, and how many. */
  readonly first: number;
  readonly count: number;
}

/** No damaged file may take longer, in milliseconds of the processor. */
const slowest = 2000;
/** Without an answer for so long, the child hangs. */
const hanging = 20_000;

/**
 * Tries damaged copies of a file in a process of its own, so that a hang or a crash is caught and named by its seed.
 * Asserts that each ends in a message for the user within two seconds. Gives how often each outcome was seen.
 */
export async function runFuzz({
  good,
  several = false,
  folder,
  first,
  count,
}: FuzzOptions): Promise<Map<string, number>> {
  const script = fileURLToPath(new URL(several ? './fuzzFolder.ts' : './fuzzChild.ts', import.meta.url));
  const args = [script, good, folder, String(first), String(count)];
  const child = spawn(process.execPath, ['--max-old-space-size=2048', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const outcomes = new Map<string, number>();
  let last = first - 1;
  let timer = setTimeout(() => child.kill('SIGKILL'), hanging);
  const wrong: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    clearTimeout(timer);
    timer = setTimeout(() => child.kill('SIGKILL'), hanging);
    const [seed, milliseconds, outcome] = line.split(' ');
    last = Number(seed);
    if (outcome === 'internal' || Number(milliseconds) > slowest) wrong.push(line);
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }
  clearTimeout(timer);
  const code = await ended;
  assert.equal(last, first + count - 1, `seed ${last + 1} of ${good} hangs or crashes (exit code ${code})`);
  assert.deepEqual(wrong, []);
  return outcomes;
}
