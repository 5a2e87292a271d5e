// Bundles the extension: `node esbuild.mjs [--production] [--watch]`.
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, context } from 'esbuild';
import { buildKernels } from './scripts/buildKernels.mjs';
import { buildSchemas } from './scripts/buildSchemas.mjs';
import { notices } from './scripts/notices.mjs';

const production = process.argv.includes('--production');
const watch = process.argv.includes('--watch');

const shared = {
  bundle: true,
  outdir: 'dist',
  minify: !watch,
  sourcemap: !production,
  legalComments: 'none', // the licences stand in THIRD_PARTY_NOTICES.txt
  metafile: true,
  logLevel: 'warning',
};

const node = {
  ...shared,
  platform: 'node',
  // VS Code runs extensions on Node 22 or later since 1.101; the tests run in 1.139.
  target: 'node22',
  // ES modules first: they can be shaken, and TensorFlow.js' CommonJS build would be a second, whole copy.
  mainFields: ['module', 'main'],
  // h5wasm embeds its WebAssembly as text, one character a byte; escaped, it would be twice as large.
  charset: 'utf8',
  // Read by engine/wasm/binary.ts, which finds files beside itself.
  define: { bundled: 'true' },
};

const shipped = [
  {
    ...node,
    entryPoints: { extension: 'extension/main.ts' },
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
    external: ['vscode'],
  },
  {
    ...node,
    entryPoints: {
      background: 'extension/background/main.ts',
      cli: 'extension/cli/main.ts',
      kernelWorker: 'extension/engine/wasm/worker.ts',
    },
    format: 'esm',
    conditions: ['bundle'],
    // Whatever is imported with `import()` stays a file of its own, loaded when it is needed.
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    // Bundled CommonJS packages call `require` for Node's own modules.
    banner: {
      js: "import { createRequire as bundleRequire } from 'node:module'; const require = bundleRequire(import.meta.url);",
    },
    // TensorFlow.js asks for it only where there is no global fetch.
    external: ['node-fetch'],
  },
  {
    ...shared,
    entryPoints: { 'webview/panel': 'webview/main.ts' },
    platform: 'browser',
    target: 'chrome134', // VS Code 1.101 is built on Electron 35
    format: 'iife',
    loader: { '.ttf': 'file' },
  },
];

/** For sources that run unbundled; see there. */
const gradients = {
  ...node,
  entryPoints: { gradients: 'extension/engine/gradients.ts' },
  format: 'esm',
};

const hostTests = {
  ...node,
  entryPoints: ['test/host/*.ts'],
  outdir: 'dist/test/host',
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
  external: ['vscode', 'mocha'],
};

await mkdir('dist', { recursive: true });
for (const name of await readdir('dist')) {
  // The kernels are replaced only where their sources have changed: unit tests may be reading them.
  if (name !== 'kernels') await rm(join('dist', name), { recursive: true, force: true });
}
await buildKernels();
await buildSchemas();
if (watch) {
  for (const options of [...shipped, gradients, hostTests]) {
    await (await context({ ...options, logLevel: 'info' })).watch();
  }
} else {
  // Every bundle is tried, so that one run shows all errors; esbuild has printed them by then.
  const tries = [...shipped, ...(production ? [] : [gradients, hostTests])].map((options) => build(options));
  const results = await Promise.allSettled(tries);
  if (results.some(({ status }) => status === 'rejected')) process.exit(1);
  const inputs = results.slice(0, shipped.length).flatMap(({ value }) => Object.keys(value.metafile.inputs));
  await writeFile('dist/THIRD_PARTY_NOTICES.txt', await notices(inputs));
}
