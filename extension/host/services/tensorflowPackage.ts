import { copyFile, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isRunning } from '../../protocol/leftovers.ts';
import { UserError } from '../../protocol/userError.ts';
import { npmInstall } from './npm.ts';

const packageName = '@tensorflow/tfjs-node';
/** The version that the engine is written for. */
export const tensorflowSpec = { name: packageName, version: '4.22.0' } as const;

export interface PackageSpec {
  readonly name: string;
  /** Of the registry, or any other that npm installs from, such as `file:…`. */
  readonly version: string;
}

export interface InstallOptions {
  /** Absent: the pinned version of the registry. */
  readonly spec?: PackageSpec;
  readonly signal: AbortSignal;
  readonly onLine: (line: string) => void;
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * Installs TensorFlow for Node into `folder`, in place of what is there. It is put there only when it is whole; whatever goes wrong
 * leaves the folder as it was. Throws `UserError` npmMissing, npmOffline, npmFailed, tensorflowIncomplete, cancelled.
 * @returns the folder of the package
 */
export async function installTensorflow(folder: string, options: InstallOptions): Promise<string> {
  const { spec = tensorflowSpec, ...run } = options;
  await removePartial(folder);
  const partial = `${folder}${partialMark}${process.pid}`;
  await mkdir(partial, { recursive: true });
  try {
    await writeFile(join(partial, 'package.json'), manifestOf(spec));
    await npmInstall({ ...run, folder: partial });
    await placeWindowsLibrary(packageIn(partial, spec.name));
    if (!(await isUsable(packageIn(partial, spec.name)))) throw new UserError('tensorflowIncomplete');
    if (options.signal.aborted) throw new UserError('cancelled');
    // Not removed first: on Windows the library of a running process can be moved, not deleted.
    const old = `${folder}${partialMark}${process.pid}.old`;
    await rename(folder, old).catch(ifAbsent);
    try {
      await rename(partial, folder);
    } catch (error) {
      await rename(old, folder).catch(ifAbsent);
      throw error;
    }
    await rm(old, { recursive: true, force: true }).catch(() => {});
  } finally {
    await rm(partial, { recursive: true, force: true, maxRetries: 5 });
  }
  return packageIn(folder, spec.name);
}

/** The folder of the package where it was installed into `folder`; undefined where it is not, or not whole. */
export async function installedTensorflow(folder: string): Promise<string | undefined> {
  const found = packageIn(folder, packageName);
  return (await isUsable(found)) ? found : undefined;
}

/**
 * The folder of the package that a setting names: the package itself, or the project that has it in its node_modules. Throws `UserError`
 * tensorflowPath.
 */
export async function namedTensorflow(path: string): Promise<string> {
  for (const folder of [path, packageIn(path, packageName)]) {
    const manifest = await readFile(join(folder, 'package.json'), 'utf8').catch(() => '{}');
    if (nameIn(manifest) === packageName && (await isUsable(folder))) return folder;
  }
  throw new UserError('tensorflowPath', { path, package: packageName });
}

/**
 * The binding finds the library beside itself or in `deps`, which Windows does not search (`tensorflow.dll`, see the package's
 * WINDOWS_TROUBLESHOOTING.md); so it is copied there.
 */
export async function placeWindowsLibrary(folder: string, platform = process.platform): Promise<void> {
  if (platform !== 'win32') return;
  const library = join(folder, 'deps', 'lib', 'tensorflow.dll');
  for (const binding of await bindingsIn(folder)) {
    const copy = join(dirname(binding), 'tensorflow.dll');
    if ((await isFile(library)) && !(await isFile(copy))) await copyFile(library, copy);
  }
}

const partialMark = '.partial-';

function packageIn(folder: string, name: string): string {
  return join(folder, 'node_modules', ...name.split('/'));
}

/** npm from version 12 on runs the install scripts of named packages only. */
function manifestOf({ name, version }: PackageSpec): string {
  return JSON.stringify({ private: true, dependencies: { [name]: version }, allowScripts: { [name]: true } });
}

/** Without its binding, which its install script downloads, the package is there but does not load. */
async function isUsable(folder: string): Promise<boolean> {
  return (await bindingsIn(folder)).length > 0;
}

async function bindingsIn(folder: string): Promise<string[]> {
  const lib = join(folder, 'lib');
  const names = await readdir(lib).catch(() => []);
  const paths = names
    .filter((name) => /^napi-v\d+$/.test(name))
    .map((name) => join(lib, name, 'tfjs_binding.node'));
  const there = await Promise.all(paths.map(isFile));
  return paths.filter((_, i) => there[i]);
}

/** What was left by a process that was killed while it installed. */
async function removePartial(folder: string): Promise<void> {
  const parent = dirname(folder);
  const start = `${folder.slice(parent.length + 1)}${partialMark}`;
  const names = await readdir(parent).catch(() => []);
  for (const name of names.filter((one) => one.startsWith(start))) {
    const processId = Number.parseInt(name.slice(start.length), 10);
    if (processId !== process.pid && isRunning(processId)) continue;
    await rm(join(parent, name), { recursive: true, force: true }).catch(() => {});
  }
}

function nameIn(manifest: string): unknown {
  try {
    return (JSON.parse(manifest) as { name?: unknown }).name;
  } catch {
    return undefined;
  }
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (entry) => entry.isFile(),
    () => false,
  );
}

function ifAbsent(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}
