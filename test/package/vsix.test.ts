import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { before, describe, it } from 'node:test';
import { cache } from '../support/paths.ts';
import { readZip } from '../support/readZip.ts';

describe('the VSIX', () => {
  const path = join(cache, 'lstm-pruner.vsix');
  let files: Map<string, Buffer>;
  const named = (pattern: RegExp) => [...files.keys()].filter((name) => pattern.test(name));

  before(async () => {
    files = await readZip(path);
  });

  it('is smaller than 6 MB', async () => {
    const { size } = await stat(path);
    console.log(`measured: VSIX ${(size / 1e6).toFixed(2)} MB, ${files.size} files`);
    assert.ok(size < 6e6, `${size} bytes`);
  });

  it('holds what an installed extension needs', () => {
    for (const name of [
      'package.json',
      'package.nls.json',
      'package.nls.zh-cn.json',
      'readme.md',
      'changelog.md',
      'LICENSE.txt',
      'media/icon.png',
      'l10n/bundle.l10n.zh-cn.json',
      'dist/extension.cjs',
      'dist/background.js',
      'dist/cli.js',
      'dist/kernelWorker.js',
      'dist/kernels/relaxed.wasm',
      'dist/kernels/simd.wasm',
      'dist/schemas/description.json',
      'dist/schemas/description.zh-cn.json',
      'dist/schemas/recipe.json',
      'dist/schemas/recipe.zh-cn.json',
      'dist/webview/panel.js',
      'dist/webview/panel.css',
      'dist/THIRD_PARTY_NOTICES.txt',
    ]) {
      assert.ok(files.has(`extension/${name}`), `${name} is missing`);
    }
  });

  it('holds no source, no test, no source map and no native library', () => {
    assert.deepEqual(named(/\.(ts|mts|cts|tsx|map|node|so|dylib|dll|exe|py|vsix)$/), []);
    assert.deepEqual(named(/(?<!\/dist\/kernels\/(relaxed|simd))\.wasm$/), []);
    assert.deepEqual(named(/(^|\/)(test|tests|node_modules|bench|examples|scripts)\//), []);
    const bundles = named(/\.c?js$/).map((name) => files.get(name)!.toString('utf8'));
    assert.ok(bundles.every((text) => !/\/\/# sourceMappingURL=\S+$/.test(text.trimEnd())));
  });

  it('has a background process that starts without TensorFlow.js', () => {
    const withTensorFlow = named(/\.js$/).filter((name) => files.get(name)!.includes('UnsortedSegmentSum'));
    assert.ok(withTensorFlow.length > 0);
    const eager = loadedAtStart('extension/dist/background.js');
    assert.deepEqual(
      withTensorFlow.filter((name) => eager.includes(name)),
      [],
    );
  });

  it('names every bundled package with its licence', async () => {
    const notices = files.get('extension/dist/THIRD_PARTY_NOTICES.txt')!.toString('utf8');
    for (const name of ['h5wasm', '@tensorflow/tfjs-core', '@vscode-elements/elements', 'vscode-jsonrpc']) {
      const { version } = JSON.parse(await readFile(join('node_modules', name, 'package.json'), 'utf8'));
      assert.match(notices, new RegExp(`^${name.replaceAll('/', '\\/')} ${version}\\nLicence: `, 'm'));
    }
  });

  /** A bundle and all that it imports statically. */
  function loadedAtStart(bundle: string): string[] {
    const loaded = [bundle];
    for (const name of loaded) {
      for (const [, target] of files
        .get(name)!
        .toString('utf8')
        .matchAll(/(?:from|import)\s*"(\.[^"]+\.js)"/g)) {
        const file = posix.join(posix.dirname(name), target);
        if (!loaded.includes(file)) loaded.push(file);
      }
    }
    return loaded;
  }
});
