import { spawn } from 'node:child_process';

interface RunOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** Keep the output and show it only on failure. */
  quiet?: boolean;
}

/** Runs a command to its end, showing its output. @throws if it cannot start or its exit code is not 0. */
export async function run(command: string, args: string[], options: RunOptions = {}): Promise<void> {
  const { quiet = false, ...rest } = options;
  const child = spawn(command, args, {
    ...rest,
    stdio: quiet ? ['ignore', 'pipe', 'pipe'] : 'inherit',
    shell: process.platform === 'win32',
  });
  let output = '';
  child.stdout?.on('data', (text) => {
    output += text;
  });
  child.stderr?.on('data', (text) => {
    output += text;
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code === 0) return;
  if (output) console.error(output);
  throw new Error(`${command} ${args.join(' ')} ended with exit code ${code}`);
}
