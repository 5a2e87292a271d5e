// Compiles extension/kernels to dist/kernels/{relaxed,simd}.wasm: `node scripts/buildKernels.mjs`; `npm run build` does it too.
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { kernelSourcesHash } from '../extension/engine/wasm/kernelSources.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const sources = join(root, 'extension/kernels');
const target = join(root, 'dist/kernels');

/** The two builds: with relaxed SIMD, which fuses multiply and add, and for engines without it. */
const builds = {
  relaxed: ['--enable', 'relaxed-simd', '--use', 'RELAXED=1'],
  simd: [],
};

const options = [
  ['-O3', '--runtime', 'stub', '--noAssert', '--enable', 'simd,threads'],
  // Names of functions, 3 kB: profiles and stack traces would show numbers. The code is the same.
  '--debug',
  // The first page is for what the threads share: control.ts.
  ['--memoryBase', '65536'],
  ['--importMemory', '--sharedMemory', '--initialMemory', '2', '--maximumMemory', '65536'],
].flat();

/** Compiles what has changed since the last time. */
export async function buildKernels() {
  const stamp = await stampOf();
  const stampFile = join(target, 'sources.sha256');
  if ((await readFile(stampFile, 'utf8').catch(() => '')) === stamp) return;
  const asc = await import('assemblyscript/asc');
  await mkdir(target, { recursive: true });
  for (const [name, extra] of Object.entries(builds)) {
    await compile(asc, join(target, `${name}.wasm`), extra);
  }
  await writeWhole(stampFile, stamp);
}

async function compile(asc, file, extra) {
  const entry = relative(root, join(sources, 'index.ts'));
  const messages = [];
  let binary;
  const { error } = await asc.main(
    [entry, ...options, ...extra, '--baseDir', root, '--outFile', 'kernels.wasm'],
    {
      stderr: { write: (text) => messages.push(text) },
      writeFile: (name, contents) => {
        if (name === 'kernels.wasm') binary = contents;
      },
    },
  );
  if (error) throw new Error(`${messages.join('')}\n${error.message}`);
  await writeWhole(file, binary);
}

/** Others may be reading the file that it replaces. */
async function writeWhole(file, contents) {
  const temporary = `${file}.${process.pid}`;
  await writeFile(temporary, contents);
  await rename(temporary, file);
}

/** All that the kernels depend on, one hash a line; the second is of the sources alone. */
async function stampOf() {
  const { version } = createRequire(import.meta.url)('assemblyscript/package.json');
  const how = createHash('sha256').update(JSON.stringify([version, options, builds]));
  return `${how.digest('hex')}\n${await kernelSourcesHash(pathToFileURL(`${sources}/`))}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildKernels();
