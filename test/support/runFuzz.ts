import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface FuzzOptions {
  /** A model that is whole: its main file, in a folder that holds nothing else than the model. */
  readonly good: string;
  /** An empty folder for damaged copies, itself alone in its folder or among what does not change. */
  readonly folder: string;
  /** The first seed, and how many. */
  readonly first: number;
  readonly count: number;
}

/** No damaged file may take longer, in milliseconds of the processor. */
const slowest = 2000;
/** Without an answer for so long, the child hangs. */
const hanging = 60_000;
/** No damaged file may have the process grow beyond so many MiB. */
const largest = 2048;

/**
 * Tries damaged copies of a model in a process of its own, so that a hang or a crash is caught and named by its seed.
 * Asserts that each ends in a message for the user within two seconds.
 * @param say is told how it went, whatever is asserted then
 * @returns how often each outcome was seen
 */
export async function runFuzz(
  { good, folder, first, count }: FuzzOptions,
  say: (measured: string) => void = () => {},
): Promise<Map<string, number>> {
  const script = fileURLToPath(new URL('./fuzzChild.ts', import.meta.url));
  const args = [script, good, folder, String(first), String(count)];
  const child = spawn(process.execPath, [`--max-old-space-size=${largest}`, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const begun = performance.now();
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const outcomes = new Map<string, number>();
  let last = first - 1;
  let timer = setTimeout(() => child.kill('SIGKILL'), hanging);
  const wrong: string[] = [];
  let [worst, most] = [{ seed: 0, milliseconds: 0 }, 0];
  for await (const line of createInterface({ input: child.stdout })) {
    clearTimeout(timer);
    timer = setTimeout(() => child.kill('SIGKILL'), hanging);
    const [seed, milliseconds, mebibytes, outcome] = line.split(' ');
    last = Number(seed);
    // The first one loads what all others use.
    if (Number(milliseconds) > worst.milliseconds && last > first)
      worst = { seed: last, milliseconds: Number(milliseconds) };
    most = Math.max(most, Number(mebibytes));
    const tooMuch = Number(milliseconds) > slowest || Number(mebibytes) > largest;
    if (outcome === 'internal' || tooMuch) wrong.push(line);
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }
  clearTimeout(timer);
  const code = await ended;
  const seconds = Math.round((performance.now() - begun) / 1000);
  const seen = [...outcomes].map(([outcome, times]) => `${outcome} ${times}`).join(', ');
  say(
    `measured: ${last - first + 1} cases from seed ${first} in ${seconds} s, the slowest ${worst.milliseconds} ms (seed ${worst.seed}), ` +
      `at most ${most} MiB: ${seen}`,
  );
  assert.equal(last, first + count - 1, `seed ${last + 1} of ${good} hangs or crashes (exit code ${code})`);
  assert.deepEqual(wrong, []);
  return outcomes;
}
