// Installs @tensorflow/tfjs-node into .cache/tensorflow and builds its binding against the TensorFlow of the project's Python
// environment: `node scripts/setupTensorflow.mjs` prints the package's folder. What npm would build or download instead is
// TensorFlow 2.9; this needs no other server than the two package registries, and is the TensorFlow that Keras runs on.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { cache } from '../test/support/paths.ts';
import { run } from '../test/support/run.ts';
import { setupPython } from './setupPython.mjs';

const folder = join(cache, 'tensorflow');
const packagePath = 'node_modules/@tensorflow/tfjs-node';
const bindingPath = 'lib/napi-v8/tfjs_binding.node';

/** Node-API is the same for every Node from 18 on, so its headers come as a package and not with one Node. */
const manifest = JSON.stringify({
  private: true,
  dependencies: { '@tensorflow/tfjs-node': '4.22.0', 'node-api-headers': '1.9.0' },
});

/** Installs and builds unless it stands already; returns the folder of the package. */
export async function setupTensorflow() {
  if (process.platform !== 'linux') {
    throw new Error(
      'The TensorFlow engine is built here on Linux only; elsewhere npm installs its own build.',
    );
  }
  const library = tensorflowLibrary(await setupPython());
  const wanted = createHash('sha256')
    .update(manifest)
    .update(library.folder)
    .update(library.version)
    .update(await readFile(import.meta.filename))
    .digest('hex');
  const stamp = join(folder, 'built.sha256');
  const found = existsSync(stamp) ? await readFile(stamp, 'utf8') : '';
  if (found === wanted && existsSync(join(folder, packagePath, bindingPath)))
    return join(folder, packagePath);

  const compiler = process.env.CXX ?? 'g++';
  if (spawnSync(compiler, ['--version']).error) {
    throw new Error(
      `${compiler} cannot be run. On Debian and Ubuntu: apt-get install g++, or name another in CXX.`,
    );
  }
  process.stderr.write(
    `Building @tensorflow/tfjs-node on TensorFlow ${library.version} in .cache/tensorflow …\n`,
  );
  const partial = `${folder}.partial-${process.pid}`;
  await mkdir(partial, { recursive: true });
  try {
    await writeFile(join(partial, 'package.json'), manifest);
    const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'];
    await run('npm', ['install', ...flags], { cwd: partial, quiet: true });
    await compile(compiler, partial, library.folder);
    await writeFile(join(partial, 'built.sha256'), wanted);
    await rm(folder, { recursive: true, force: true });
    await rename(partial, folder);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
  return join(folder, packagePath);
}

/** Where pip put TensorFlow: its headers in include/, its libraries beside them. */
function tensorflowLibrary(python) {
  const script =
    'import importlib.metadata as m, importlib.util as u, os;' +
    'names = ("tensorflow-cpu", "tensorflow");' +
    'print(os.path.dirname(u.find_spec("tensorflow").origin));' +
    'print(next(d.version for n in names for d in m.distributions(name=n)))';
  const { stdout, status, stderr } = spawnSync(python, ['-c', script], { encoding: 'utf8' });
  if (status !== 0)
    throw new Error(`${python} has no TensorFlow: ${String(stderr).trim().split('\n').at(-1)}`);
  const [path, version] = stdout.trim().split('\n');
  return { folder: path, version };
}

async function compile(compiler, project, library) {
  const own = join(project, packagePath);
  const headers = join(project, 'node_modules/node-api-headers/include');
  const sources = (await readdir(join(own, 'binding'))).filter((name) => name.endsWith('.cc'));
  await mkdir(dirname(join(own, bindingPath)), { recursive: true });
  await run(
    compiler,
    [
      ...['-O2', '-shared', '-fPIC', '-std=c++17', '-DNAPI_VERSION=8'],
      ...[join(library, 'include'), headers, own].map((path) => `-I${path}`),
      ...sources.map((name) => join(own, 'binding', name)),
      ...[`-L${library}`, '-l:libtensorflow_cc.so.2', '-l:libtensorflow_framework.so.2'],
      `-Wl,-rpath,${library}`,
      ...['-o', join(own, bindingPath)],
    ],
    { quiet: true },
  );
}

if (process.argv[1] === import.meta.filename) {
  try {
    console.log(await setupTensorflow());
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
