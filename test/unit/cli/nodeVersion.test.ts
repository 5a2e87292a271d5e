import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isTooOld } from '../../../extension/cli/nodeVersion.ts';
import { lstmPruner } from './command.ts';

test('versions of Node that the bundles are not built for are too old', () => {
  for (const version of ['18.20.8', '20.20.2', '21.7.3']) assert.equal(isTooOld(version), true, version);
  for (const version of ['22.0.0', '24.21.0', '100.1.0']) assert.equal(isTooOld(version), false, version);
});

test('an older Node is told so in one line, whatever was asked for', async () => {
  const fake =
    "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } })";
  for (const [language, text] of [
    ['en', 'LSTM Pruner needs Node 22 or later, and this is Node 20.20.2.\n'],
    ['zh_CN.UTF-8', 'LSTM Pruner 需要 Node 22 或更高版本，当前为 Node 20.20.2。\n'],
  ]) {
    const { code, out, err } = await lstmPruner(['inspect', 'missing.h5', '--json'], {
      node: ['--import', `data:text/javascript,${encodeURIComponent(fake)}`],
      env: { LC_ALL: language },
    });
    assert.deepEqual([code, out, err], [1, '', text]);
  }
});
