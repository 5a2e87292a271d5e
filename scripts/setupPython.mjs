// Makes the Python environment of the interop tests: `node scripts/setupPython.mjs`. It lies in .cache/venv, holds what
// test/interop/requirements.txt pins and is made again only when that file, or the Python it was made with, changes.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const requirements = join(root, 'test/interop/requirements.txt');
const venv = join(root, '.cache/venv');
const stamp = join(venv, 'requirements.sha256');
const windows = process.platform === 'win32';

/** The interpreter inside the environment. */
export const venvPython = windows ? join(venv, 'Scripts/python.exe') : join(venv, 'bin/python');

/** Runs a command with its output on standard error; throws, saying what to do, when it fails. */
function run(command, args, advice) {
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', process.stderr.fd, 'inherit'] });
  if (status !== 0) {
    const why = error ? error.message : `exit code ${status}`;
    throw new Error(`\`${[command, ...args].join(' ')}\` failed (${why}). ${advice}`);
  }
}

/** Makes the environment unless it stands already; returns the path of its interpreter. */
export async function setupPython() {
  const python = process.env.PYTHON ?? (windows ? 'python' : 'python3');
  const { stdout, error } = spawnSync(python, ['--version'], { encoding: 'utf8' });
  if (error) {
    throw new Error(`${python} cannot be run (${error.message}). Install Python 3, or name it in PYTHON.`);
  }
  const wanted = createHash('sha256')
    .update(await readFile(requirements))
    .update(stdout)
    .digest('hex');
  const found = existsSync(stamp) ? await readFile(stamp, 'utf8') : '';
  if (found === wanted && spawnSync(venvPython, ['--version']).status === 0) return venvPython;

  process.stderr.write('Making the Python environment of the interop tests in .cache/venv …\n');
  await rm(venv, { recursive: true, force: true });
  await mkdir(venv, { recursive: true });
  run(python, ['-m', 'venv', venv], 'On Debian and Ubuntu: apt-get install python3-venv.');
  run(
    venvPython,
    ['-m', 'pip', 'install', '--disable-pip-version-check', '--quiet', '--retries', '0', '-r', requirements],
    'It needs the network (pip), and Python 3.10 or later for TensorFlow.',
  );
  await writeFile(stamp, wanted); // last, so that an environment left half-made is made again
  return venvPython;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    console.log(await setupPython());
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
