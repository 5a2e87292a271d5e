import assert from 'node:assert/strict';
import { rmSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { test } from 'node:test';
import type { InspectReport, PruneReport } from '../../extension/protocol/report.ts';
import { writeLargeLegacy, writeLargeZip } from '../support/largeTorch.ts';
import { measuredCli, sayMeasured } from '../support/measuredCli.ts';
import { scratchFiles } from '../support/scratch.ts';

const write = scratchFiles();
const notes = write('memory', '');
/** 2.6 GB: eight layers, each with two matrices of 164 MB. */
const model = { layers: 8, hidden: 3200 };
const gigabyte = 1e9;

function inspected(path: string): void {
  const measured = measuredCli<InspectReport>(['inspect', path], notes);
  const { layers } = measured.report;
  assert.equal(layers.length, model.layers);
  assert.equal(layers[7].gates.i?.recurrent.size, model.hidden ** 2);
  sayMeasured(`inspecting ${statSync(path).size} bytes of ${basename(path)}`, measured);
  assert.ok(measured.memory < 1.2 * gigabyte, `${measured.memory} bytes`);
}

function pruned(path: string): void {
  assert.ok(statSync(path).size > 2.5 * gigabyte);
  const measured = measuredCli<PruneReport>(['prune', path, '--sparsity', '0.8'], notes);
  const { after, output } = measured.report;
  assert.ok(Math.abs(after.sparsity - 0.8) < 1e-6, `${after.sparsity}`);
  sayMeasured(`pruning ${basename(path)}`, measured);
  rmSync(output);
}

test('a zip file of 2.6 GB is inspected a matrix at a time, and pruned', async () => {
  const path = write('large.pt', '');
  rmSync(path);
  await writeLargeZip(path, model);
  inspected(path);
  pruned(path);
  rmSync(path);
});

test('a legacy file of 2.6 GB is inspected a matrix at a time, and pruned', () => {
  const path = write('legacy.pt', '');
  writeLargeLegacy(path, model);
  inspected(path);
  pruned(path);
  rmSync(path);
});

test('a zip file of more than 4 GiB is inspected by its 64-bit sizes', async () => {
  const path = write('zip64.pt', '');
  rmSync(path);
  await writeLargeZip(path, { layers: 14, hidden: 3200 });
  assert.ok(statSync(path).size > 2 ** 32);
  const { report } = measuredCli<InspectReport>(['inspect', path], notes);
  assert.equal(report.layers.length, 14);
  assert.equal(report.layers[13].sparsity, report.layers[0].sparsity);
  rmSync(path);
});
