import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setupPython } from '../../scripts/setupPython.mjs';

export const repository = fileURLToPath(new URL('../..', import.meta.url));

/** Reference models and data beside the repository; absent on most machines. */
export const shared = join(repository, '../shared');

/** What a test that needs the reference data passes as `skip`: false, or the reason. */
export const withoutShared = existsSync(shared) ? false : 'skipped: ../shared is not there';

/** The interpreter that has Keras: LSTM_PRUNER_PYTHON, else the project's own environment, made on first use. */
export async function pythonPath(): Promise<string> {
  return process.env.LSTM_PRUNER_PYTHON ?? (await setupPython());
}

/**
 * Runs test/interop/python/`script` and gives back its standard output.
 * @throws with everything the script said when its exit code is not 0.
 */
export async function runPython(script: string, args: readonly string[]): Promise<string> {
  const python = await pythonPath();
  const file = join(repository, 'test/interop/python', script);
  const env = {
    ...process.env,
    KERAS_BACKEND: 'tensorflow',
    CUDA_VISIBLE_DEVICES: '',
    TF_CPP_MIN_LOG_LEVEL: '2',
    TF_ENABLE_ONEDNN_OPTS: '0', // the plain kernels: nearest to float32 arithmetic as written
    PYTHONDONTWRITEBYTECODE: '1',
  };
  const { code, stdout, stderr } = await execute(python, [file, ...args], env);
  if (code !== 0) throw new Error(`${script} ${args.join(' ')} ended with ${code}\n${stdout}\n${stderr}`);
  return stdout;
}

/** Runs a script of test/interop in a process of its own and gives back its standard output. Throws like `runPython`. */
export async function runNode(script: string, args: readonly string[]): Promise<string> {
  const file = join(repository, 'test/interop', script);
  const { code, stdout, stderr } = await execute(process.execPath, [file, ...args], process.env);
  if (code !== 0) throw new Error(`${script} ${args.join(' ')} ended with ${code}\n${stdout}\n${stderr}`);
  return stdout;
}

export interface Finished {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs the built command line, `node dist/cli.js …`. */
export function runCli(args: readonly string[]): Promise<Finished> {
  return execute(process.execPath, [join(repository, 'dist/cli.js'), ...args], process.env);
}

/** Runs the command line with --json and parses its one document; throws with what it said when it fails. */
export async function runCliJson<T>(args: readonly string[]): Promise<T> {
  const { code, stdout, stderr } = await runCli([...args, '--json']);
  if (code !== 0) throw new Error(`lstm-pruner ${args.join(' ')} ended with ${code}\n${stdout}\n${stderr}`);
  return JSON.parse(stdout) as T;
}

function execute(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/** A folder for one test file's models, and how to remove it. */
export async function scratchFolder(): Promise<{ folder: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'lstm-pruner-interop-'));
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}
