import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { UserError } from '../../protocol/userError.ts';

/** How long npm and its scripts may take to end by themselves after a cancel. */
const graceMilliseconds = 3000;
/** Lines kept of what npm says, to find the reason of a failure in. */
const keptLines = 200;

const windows = process.platform === 'win32';

export interface NpmRun {
  /** Where npm runs; its package.json says what is installed. */
  readonly folder: string;
  readonly signal: AbortSignal;
  /** Takes each line that npm and the scripts it runs print. */
  readonly onLine: (line: string) => void;
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * Installs what the package.json of a folder asks for, with the npm on the path. Rejects with a `UserError`: npmMissing, npmOffline,
 * npmFailed, or cancelled, after npm and all that it started have ended.
 */
export async function npmInstall({ folder, signal, onLine, env = process.env }: NpmRun): Promise<void> {
  if (!(await isOnPath(windows ? 'npm.cmd' : 'npm', env))) throw new UserError('npmMissing');
  if (signal.aborted) throw new UserError('cancelled');
  // Nothing in these words comes from outside, so that the shell that Windows needs for a .cmd has nothing to misread.
  const args = ['install', '--prefix', '.', '--no-audit', '--no-fund', '--foreground-scripts'];
  args.push('--ignore-scripts=false', '--loglevel=http');
  const child = spawn('npm', args, {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: windows,
    windowsHide: true,
    // A group of its own, so that a cancel ends what npm started as well.
    detached: !windows,
  });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      if (line.trim() === '') return;
      lines.push(line);
      if (lines.length > keptLines) lines.shift();
      onLine(line);
    });
  }
  let kill: NodeJS.Timeout | undefined;
  const onAbort = () => {
    endTree(child, 'SIGTERM');
    kill = setTimeout(() => endTree(child, 'SIGKILL'), graceMilliseconds);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    if (signal.aborted) throw new UserError('cancelled');
    if (code !== 0) throw failureOf(lines, code);
  } finally {
    clearTimeout(kill);
    signal.removeEventListener('abort', onAbort);
  }
}

/** Ends a process and all that it started. */
function endTree({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  if (windows) {
    spawn('taskkill', ['/pid', String(pid), '/t', '/f'], { stdio: 'ignore', windowsHide: true });
    return;
  }
  try {
    process.kill(-pid, signal);
  } catch {
    // The group has ended already.
  }
}

async function isOnPath(name: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  // Windows writes `Path`.
  const key = Object.keys(env).find((one) => one.toUpperCase() === 'PATH');
  for (const folder of (env[key ?? ''] ?? '').split(delimiter)) {
    if (folder === '') continue;
    const found = await access(join(folder, name), constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return true;
  }
  return false;
}

/** npm's codes for a registry that does not answer. */
const unreachable = new Set(
  'ENOTFOUND EAI_AGAIN ECONNREFUSED ECONNRESET ETIMEDOUT ENETUNREACH EHOSTUNREACH ERR_SOCKET_TIMEOUT'.split(
    ' ',
  ),
);

function failureOf(lines: readonly string[], code: number | null): UserError {
  const said = lines.flatMap((line) => /^npm (?:error|ERR!) (.*)$/.exec(line)?.[1] ?? []);
  const npmCode = said.find((line) => line.startsWith('code '))?.slice('code '.length);
  if (npmCode !== undefined && unreachable.has(npmCode))
    return new UserError('npmOffline', { reason: npmCode });
  const dull = /^(code|errno|syscall|path|command|A complete log|For a full report)/;
  // Where an install script failed, npm only says so; the reason is what the script said last.
  const ofScript = lines.findLast((line) => !/^(npm |> )/.test(line));
  const ofNpm = said.find((line) => line.trim() !== '' && !dull.test(line));
  const reason = (said.includes('command failed') ? ofScript : ofNpm) ?? ofScript ?? `exit code ${code}`;
  return new UserError('npmFailed', { reason });
}
