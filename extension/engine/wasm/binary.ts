import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { checkKernelsAreOf } from './kernelSources.ts';

/** `relaxed` fuses multiply and add; `simd` runs where that is not known. Their results differ in the last bits. */
export type KernelBuild = 'relaxed' | 'simd';

export interface KernelModule {
  readonly build: KernelBuild;
  readonly module: WebAssembly.Module;
}

/** Defined in the bundles. */
declare const bundled: boolean | undefined;

const loaded = new Map<KernelBuild, Promise<KernelModule>>();

/** The compiled kernels; by default the build with relaxed SIMD where the engine accepts it. */
export async function kernelModule(build?: KernelBuild): Promise<KernelModule> {
  if (build) return compileOnce(build);
  return WebAssembly.validate(await binary('relaxed')) ? compileOnce('relaxed') : compileOnce('simd');
}

function compileOnce(build: KernelBuild): Promise<KernelModule> {
  let module = loaded.get(build);
  if (!module) {
    module = binary(build).then(async (bytes) => ({ build, module: await WebAssembly.compile(bytes) }));
    // A failure is not kept: the files may be there the next time.
    module.catch(() => loaded.delete(build));
    loaded.set(build, module);
  }
  return module;
}

async function binary(build: KernelBuild): Promise<Buffer<ArrayBuffer>> {
  if (typeof bundled === 'undefined') await checkOnce();
  return readFile(shippedFile(`kernels/${build}.wasm`)) as Promise<Buffer<ArrayBuffer>>;
}

let checked: Promise<void> | undefined;

function checkOnce(): Promise<void> {
  checked ??= checkKernelsAreOf(
    new URL('../../kernels/', import.meta.url),
    shippedFile('kernels/sources.sha256'),
  );
  return checked;
}

/** What a worker thread runs: a bundle of its own, or the source. */
export function workerFile(): URL {
  if (typeof bundled === 'undefined') return new URL('./worker.ts', import.meta.url);
  return shippedFile('kernelWorker.js');
}

/** A file of dist/. Bundled, this code is in dist/ or dist/chunks/. */
function shippedFile(name: string): URL {
  const folders = typeof bundled === 'undefined' ? ['../../../dist/'] : ['./', '../'];
  const places = folders.map((folder) => new URL(folder + name, import.meta.url));
  const file = places.find((place) => existsSync(place));
  if (!file) throw new Error(`${fileURLToPath(places[0])} is missing; npm run build makes it`);
  return file;
}
