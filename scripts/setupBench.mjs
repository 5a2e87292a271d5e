// Installs stock TensorFlow.js, a contender of the benchmarks and a judge of the tests, into .cache/tfjs and prints where it is.
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cache } from '../test/support/paths.ts';
import { run } from '../test/support/run.ts';

const manifest = JSON.stringify({
  private: true,
  dependencies: { '@tensorflow/tfjs': '4.22.0', '@tensorflow/tfjs-backend-wasm': '4.22.0' },
});

/** The folder with the packages; put in place only when it is whole. */
export async function setupStockTfjs() {
  const folder = join(cache, 'tfjs');
  const installed = await readFile(join(folder, 'package.json'), 'utf8').catch(() => undefined);
  if (installed === manifest && existsSync(join(folder, 'node_modules/@tensorflow/tfjs'))) return folder;
  process.stderr.write('Installing stock TensorFlow.js 4.22.0 into .cache/tfjs …\n');
  const partial = `${folder}.partial-${process.pid}`;
  await mkdir(partial, { recursive: true });
  try {
    await writeFile(join(partial, 'package.json'), manifest);
    const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'];
    // Who asks may print what a program reads.
    await run('npm', ['install', ...flags], { cwd: partial, quiet: true });
    await rm(folder, { recursive: true, force: true });
    await rename(partial, folder);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
  return folder;
}

if (process.argv[1] === import.meta.filename) console.log(await setupStockTfjs());
