import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { sha256 } from '../../support/jobContext.ts';
import { json, lstmPruner } from './command.ts';
import { commandFiles } from './commandFiles.ts';

const { model, data, inPlace } = await commandFiles();

const matrixKeys = ['size', 'zeros', 'sparsity', 'meanAbs', 'maxAbs'];
const inspectKeys = ['format', 'bytes', 'parameters', 'sparsity', 'layers'];

function assertKeys(value: unknown, ...keys: string[]): void {
  for (const key of keys) assert.ok(key in (value as object), `${key} is missing`);
}

/** The contract's shape of an inspection. */
function assertInspection(report: Record<string, unknown>): void {
  assertKeys(report, ...inspectKeys);
  const [layer] = report.layers as Record<string, unknown>[];
  assertKeys(layer, 'name', 'cell', 'direction', 'inputSize', 'hiddenSize', 'sparsity', 'gates');
  const gates = layer.gates as Record<string, Record<string, Record<string, unknown>>>;
  assert.deepEqual(Object.keys(gates), ['i', 'f', 'c', 'o']);
  for (const gate of Object.values(gates)) {
    for (const matrix of ['kernel', 'recurrent', 'bias']) assertKeys(gate[matrix], ...matrixKeys);
  }
}

test('inspect --json is one document in the shape of the contract', async () => {
  const report = await json(['inspect', model]);
  assertInspection(report);
  assert.equal(report.format, 'Keras 2.3.1 HDF5');
  assert.equal(report.sparsity, 0);
});

test('evaluate --json is one document in the shape of the contract', async () => {
  const report = await json(['evaluate', model, '--data', data]);
  assertKeys(report, 'loss', 'lossName', 'metrics', 'split', 'samples', 'seconds', 'engine');
  assert.equal(report.lossName, 'sparse_categorical_crossentropy');
  assert.equal(report.samples, 4);
});

test('prune --json is one document in the shape of the contract, and the file is there', async () => {
  await inPlace(async ({ model: path, folder }) => {
    const before = sha256(path);
    const report = await json(['prune', path, '--sparsity', '0.5', '--data', data]);
    assertKeys(report, 'output', 'recipe', 'before', 'pruned', 'after');
    for (const state of ['before', 'pruned', 'after']) {
      const one = report[state] as Record<string, unknown>;
      assertInspection(one);
      assertKeys(one, 'loss', 'lossName', 'metrics', 'reduction', 'sizes');
      assertKeys(one.sizes, 'file', 'gzip', 'nonzero', 'parameters');
    }
    assert.equal(report.output, join(folder, 'model.pruned.h5'));
    assert.equal((report.after as { sparsity: number }).sparsity, 0.5);
    assert.equal((report.recipe as { sparsity: number }).sparsity, 0.5);
    assert.equal(sha256(path), before);
    assert.equal((await json(['inspect', String(report.output)])).sparsity, 0.5);
  });
});

test('without --json there is a table for people', async () => {
  await inPlace(async ({ model: path }) => {
    for (const args of [
      ['inspect', path],
      ['evaluate', path, '--data', data],
      ['prune', path, '--sparsity', '0.5'],
    ]) {
      const { code, out, err } = await lstmPruner(args);
      assert.deepEqual([code, err], [0, '']);
      assert.ok(out.split('\n').length > 3);
      assert.throws(() => JSON.parse(out));
    }
  });
});

test('--help and no arguments show how it is used', async () => {
  const help = await lstmPruner(['--help']);
  assert.deepEqual([help.code, help.err], [0, '']);
  assert.match(help.out, /^Usage: lstm-pruner/);
  const none = await lstmPruner([]);
  assert.deepEqual([none.code, none.out], [2, '']);
  assert.equal(none.err, help.out);
});

test('the help tells that learning rate and momentum of the file go with its optimizer', async () => {
  const { out } = await lstmPruner(['--help']);
  for (const flag of ['learning-rate R', 'momentum M'])
    assert.match(out, new RegExp(`--${flag} [^-]+the file's own where its optimizer is used,\\s+else 0`));
});

test('the help tells the default of every scope', async () => {
  const { out } = await lstmPruner(['--help']);
  assert.match(
    out,
    /--scope SCOPE [^-]+Default: layer; matrix for\s+the criterion threshold and the granularity column/,
  );
});
