import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../support/paths.ts';

const program = join(root, 'dist/cli.js');

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface CommandOptions {
  readonly env?: Record<string, string>;
  /** Arguments of Node itself. */
  readonly node?: readonly string[];
  /** Sends SIGINT as soon as this is so. */
  readonly interruptWhen?: () => boolean;
  /** What is sent instead. */
  readonly signal?: NodeJS.Signals;
  /** Closes the pipe of the result before anything comes. */
  readonly unread?: boolean;
}

/** Runs the built command line to its end. */
export function lstmPruner(args: readonly string[], options: CommandOptions = {}): Promise<Ended> {
  assert.ok(existsSync(program), 'dist/cli.js is not there: run `npm run build` first');
  const { LC_ALL, LC_MESSAGES, LANG, ...rest } = process.env;
  const child = spawn(process.execPath, [...(options.node ?? []), program, ...args], {
    env: { ...rest, LC_ALL: 'C', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (text) => {
    out += text;
  });
  if (options.unread) child.stdout.destroy();
  child.stderr.on('data', (text) => {
    err += text;
  });
  const timer = setInterval(() => {
    if (options.interruptWhen?.()) child.kill(options.signal ?? 'SIGINT');
  }, 10);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      clearInterval(timer);
      resolve({ code, out, err });
    });
  });
}

/** Asserts that a command was refused: this exit code, nothing on standard output, one line on standard error. */
export async function assertFails(args: readonly string[], code: number, ...parts: string[]): Promise<void> {
  const ended = await lstmPruner(args);
  assert.deepEqual([ended.code, ended.out], [code, ''], ended.err);
  assert.match(ended.err, /^[^\n]+\n$/);
  for (const part of parts) assert.ok(ended.err.includes(part), `"${part}" is not in "${ended.err}"`);
}

/** Runs a command with --json; asserts that it ends with 0 and says nothing else. */
export async function json(
  args: readonly string[],
  options: CommandOptions = {},
): Promise<Record<string, unknown>> {
  const { code, out, err } = await lstmPruner([...args, '--json'], options);
  assert.deepEqual([code, err], [0, '']);
  return JSON.parse(out);
}
