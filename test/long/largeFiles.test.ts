import assert from 'node:assert/strict';
import { rmSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { test } from 'node:test';
import type { InspectReport, PruneReport } from '../../extension/protocol/report.ts';
import { writeLargeH5, writeLargeOnnx, writeLargeSafetensors } from '../support/largeFiles.ts';
import { measuredCli, sayMeasured } from '../support/measuredCli.ts';
import { scratchFiles } from '../support/scratch.ts';

const write = scratchFiles();
const notes = write('memory', '');
/** 2.6 GB: eight layers, each with two matrices of 164 MB, the first one with values that are not 0. */
const model = { layers: 8, hidden: 3200 };
const gigabyte = 1e9;

const formats = {
  'an HDF5 file': { name: 'large.h5', files: [''], make: (path: string) => writeLargeH5(path, model) },
  'an ONNX model with its weights beside it': {
    name: 'large.onnx',
    files: ['', '.data'],
    make: (path: string) => writeLargeOnnx(path, basename(path), model),
  },
  'a safetensors file': {
    name: 'large.safetensors',
    files: [''],
    make: (path: string) => writeLargeSafetensors(path, model),
  },
};

for (const [title, { name, files, make }] of Object.entries(formats)) {
  test(`${title} of 2.6 GB is inspected a matrix at a time, and pruned to exactly the share asked for`, async () => {
    const path = write(name, '');
    rmSync(path);
    await make(path);
    const size = files.reduce((sum, ending) => sum + statSync(path + ending).size, 0);
    assert.ok(size > 2.5 * gigabyte);
    const before = measuredCli<InspectReport>(['inspect', path], notes);
    sayMeasured(`inspecting ${title}`, before);
    assert.equal(before.report.bytes, size);
    assert.deepEqual(sparsities(before.report), [0, ...Array(7).fill(1)]);
    assert.ok(before.memory < 1.2 * gigabyte, `${before.memory} bytes`);

    const pruned = measuredCli<PruneReport>(['prune', path, '--sparsity', '0.8', '--scope', 'layer'], notes);
    sayMeasured(`pruning ${title}`, pruned);
    for (const ending of files) rmSync(path + ending);
    const { output } = pruned.report;
    const after = measuredCli<InspectReport>(['inspect', output], notes);
    assert.deepEqual(sparsities(after.report), [0.8, ...Array(7).fill(1)]);
    rmSync(output, { recursive: true });
  });
}

function sparsities({ layers }: InspectReport): number[] {
  return layers.map(({ sparsity }) => sparsity);
}
