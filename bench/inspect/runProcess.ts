import { spawnSync } from 'node:child_process';

/** Runs a program to its end: its last line of output, and how long it took from start to end. Throws with what it said where it fails. */
export function runProcess(command: string, args: readonly string[]): { text: string; ms: number } {
  const begun = performance.now();
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3', PYTHONDONTWRITEBYTECODE: '1' },
  });
  const ms = performance.now() - begun;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed: ${error?.message ?? stderr}`);
  return { text: stdout.trim(), ms };
}
