import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  installedTensorflow,
  installTensorflow,
  namedTensorflow,
  placeWindowsLibrary,
  tensorflowSpec,
} from '../../../extension/host/services/tensorflowPackage.ts';
import { messageOf } from '../../../extension/protocol/userError.ts';

const binding = 'lib/napi-v8/tfjs_binding.node';
/** What an install script of the real package does in the end. */
const makesBinding = `
  const { mkdirSync, writeFileSync } = require('node:fs');
  mkdirSync('lib/napi-v8', { recursive: true });
  writeFileSync('${binding}', 'binding');
  console.log('the binding is there');
`;

/** The real npm installs packages of the real name, packed here; none of them comes from a registry. */
describe('installing TensorFlow', () => {
  let scratch: string;
  let folder: string;
  let lines: string[];
  let packages = 0;

  before(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'lstm-pruner-test-'));
  });
  after(() => rm(scratch, { recursive: true, force: true, maxRetries: 5 }));
  beforeEach(async () => {
    folder = join(await mkdtemp(join(scratch, 'storage-')), 'tensorflow');
    lines = [];
  });

  /** A package with this install script, as npm's own tarball. */
  async function packed(script: string): Promise<string> {
    const source = join(scratch, `package-${++packages}`);
    await mkdir(source);
    const scripts = { install: 'node install.js' };
    const { name } = tensorflowSpec;
    await writeFile(join(source, 'package.json'), JSON.stringify({ name, version: '4.22.0', scripts }));
    await writeFile(join(source, 'install.js'), script);
    const made = execFileSync('npm', ['pack', '--silent', '--ignore-scripts'], {
      cwd: source,
      encoding: 'utf8',
      shell: process.platform === 'win32',
    });
    return `file:${join(source, made.trim())}`;
  }

  function install(version: string, more: { signal?: AbortSignal; env?: NodeJS.ProcessEnv } = {}) {
    return installTensorflow(folder, {
      spec: { name: tensorflowSpec.name, version },
      signal: more.signal ?? new AbortController().signal,
      onLine: (line) => lines.push(line),
      ...(more.env && { env: more.env }),
    });
  }

  async function failure(promise: Promise<unknown>) {
    return promise.then(
      () => assert.fail('it did not fail'),
      (error) => messageOf(error),
    );
  }

  const stored = async () => (await readdir(join(folder, '..'))).sort();

  it('leaves a whole package in the folder, and says what npm says meanwhile', async () => {
    assert.equal(await installedTensorflow(folder), undefined);
    const place = await install(await packed(makesBinding));
    assert.equal(await readFile(join(place, binding), 'utf8'), 'binding');
    assert.equal(await installedTensorflow(folder), place);
    assert.ok(lines.includes('the binding is there'), lines.join('\n'));
    assert.deepEqual(await stored(), ['tensorflow']);
  });

  it('takes the place of what was installed before', async () => {
    await install(await packed(makesBinding));
    const place = await install(await packed(makesBinding.replace("'binding'", "'newer'")));
    assert.equal(await readFile(join(place, binding), 'utf8'), 'newer');
    assert.deepEqual(await stored(), ['tensorflow']);
  });

  it('says why it failed, and leaves what was installed before', async () => {
    const place = await install(await packed(makesBinding));
    const broken = await packed("console.error('no space left for the library'); process.exit(3);");
    assert.deepEqual(await failure(install(broken)), {
      code: 'npmFailed',
      args: { reason: 'no space left for the library' },
    });
    assert.ok(lines.includes('no space left for the library'), lines.join('\n'));
    assert.equal(await installedTensorflow(folder), place);
    assert.deepEqual(await stored(), ['tensorflow']);
  });

  it('leaves what was installed before where it cannot be put in its place', async () => {
    const place = await install(await packed(makesBinding));
    const { syncBuiltinESMExports, createRequire } = await import('node:module');
    const files = createRequire(import.meta.url)('node:fs/promises') as typeof import('node:fs/promises');
    const { rename } = files;
    files.rename = async (from, to) => {
      if (to === folder && !String(from).endsWith('.old'))
        throw Object.assign(new Error('busy'), { code: 'EPERM' });
      return rename(from, to);
    };
    syncBuiltinESMExports();
    try {
      await assert.rejects(install(await packed(makesBinding)), { code: 'EPERM' });
    } finally {
      files.rename = rename;
      syncBuiltinESMExports();
    }
    assert.equal(await installedTensorflow(folder), place);
    assert.deepEqual(await stored(), ['tensorflow']);
  });

  it('takes a package without its binding for no installation', async () => {
    const { code } = await failure(install(await packed('')));
    assert.equal(code, 'tensorflowIncomplete');
    assert.deepEqual(await stored(), []);
  });

  it('ends npm and what that has started when it is cancelled, and removes what was there', async () => {
    const beats = join(scratch, 'beats');
    const slow = await packed(`
      setInterval(() => require('node:fs').appendFileSync(${JSON.stringify(beats)}, '.'), 20);
      console.log('downloading');
    `);
    const abort = new AbortController();
    const installing = failure(install(slow, { signal: abort.signal }));
    const beaten = async () => (await readFile(beats, 'utf8').catch(() => '')).length;
    for (let i = 0; i < 300 && (await beaten()) === 0; i++) await sleep(100);
    abort.abort();
    assert.equal((await installing).code, 'cancelled');
    const last = await beaten();
    assert.ok(last > 0, 'the script never ran');
    await sleep(200);
    assert.equal(await beaten(), last, 'the script goes on');
    assert.deepEqual(await stored(), []);
  });

  it('says what to do where there is no npm on the path', async () => {
    const { code } = await failure(install('4.22.0', { env: { ...process.env, PATH: scratch } }));
    assert.equal(code, 'npmMissing');
    assert.deepEqual(await stored(), []);
  });

  it('says that the registry does not answer', async () => {
    const env = { ...process.env, npm_config_registry: 'http://127.0.0.1:9/', npm_config_fetch_retries: '0' };
    const nowhere = { ...env, npm_config_cache: join(scratch, 'empty-cache') };
    assert.deepEqual(await failure(install('4.22.0', { env: nowhere })), {
      code: 'npmOffline',
      args: { reason: 'ECONNREFUSED' },
    });
    assert.deepEqual(await stored(), []);
  });

  it('removes what a process left that was killed while it installed', async () => {
    const ended = execFileSync(process.execPath, ['-p', 'process.pid'], { encoding: 'utf8' }).trim();
    await mkdir(`${folder}.partial-${ended}/node_modules`, { recursive: true });
    await install(await packed(makesBinding));
    assert.deepEqual(await stored(), ['tensorflow']);
  });

  it('finds the package that a setting names, by its own folder or by that of the project', async () => {
    const place = await install(await packed(makesBinding));
    assert.equal(await namedTensorflow(place), place);
    assert.equal(await namedTensorflow(folder), place);
    const { code, args } = await failure(namedTensorflow(join(scratch, 'nothing')));
    assert.equal(code, 'tensorflowPath');
    assert.equal(args.path, join(scratch, 'nothing'));
  });

  it('puts the library beside the binding on Windows, and leaves one that is there', async () => {
    const place = await install(await packed(makesBinding));
    await mkdir(join(place, 'deps/lib'), { recursive: true });
    await writeFile(join(place, 'deps/lib/tensorflow.dll'), 'library');
    const copy = join(place, 'lib/napi-v8/tensorflow.dll');
    await placeWindowsLibrary(place, 'linux');
    await assert.rejects(readFile(copy), { code: 'ENOENT' });
    await placeWindowsLibrary(place, 'win32');
    assert.equal(await readFile(copy, 'utf8'), 'library');
    await writeFile(copy, 'its own');
    await placeWindowsLibrary(place, 'win32');
    assert.equal(await readFile(copy, 'utf8'), 'its own');
  });
});
