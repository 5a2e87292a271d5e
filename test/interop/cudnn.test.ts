// Layers over cuDNN of Keras 2: real Keras 2 converts their arrays, and computes what we compute.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openModel } from '../../extension/formats/open.ts';
import { gathered } from '../../extension/model/gateView.ts';

import type { Tensor } from '../../extension/model/tensor.ts';
import { runCliJson, runPython, scratchFolder } from './environment.ts';
import { forward, largestDifference } from './forward.ts';
import { type PackedArray, unpacked } from './packedArray.ts';
import { shrinkFile } from './shrinkFile.ts';

const matrixNames = ['kernel', 'recurrent'] as const;

interface Judged {
  readonly output: PackedArray;
  /** Kernel and recurrent kernel of each layer, as a plain layer has them. */
  readonly matrices: readonly PackedArray[];
}

const { folder, remove } = await scratchFolder();
after(remove);
const cases = JSON.parse(await runPython('cudnn.py', [folder])) as { name: string; inputs: PackedArray }[];
const path = (name: string, suffix = '.h5') => join(folder, `${name}${suffix}`);

const pruned = await Promise.all(
  cases.map(async ({ name }) => {
    const [whole, alone] = [path(name, '.pruned.h5'), path(name, '.pruned.weights.h5')];
    const flags = ['--sparsity', '0.6', '--scope', 'gate'];
    await runCliJson(['prune', path(name), '--out', whole, ...flags]);
    await runCliJson(['prune', path(name, '.weights.h5'), '--out', alone, ...flags]);
    return { whole, alone, ...(await shrinkFile(path(name))).files };
  }),
);
const files = cases.flatMap(({ name }, i) =>
  [path(name), pruned[i].whole, pruned[i].masked ?? '', pruned[i].shrunk ?? ''].map((file) => ({
    name,
    file,
  })),
);
const answers = JSON.parse(
  await runPython('cudnn.py', ['judge', ...files.flatMap(({ name, file }) => [`${name}.npz`, file])]),
) as Judged[];
const judgedOf = new Map(files.map(({ file }, i) => [file, answers[i]]));

/** Every matrix of a file's layers, [in, gates · H] as in Keras. */
async function matricesOf(file: string): Promise<Float32Array[]> {
  const model = await openModel(file);
  try {
    const found: Float32Array[] = [];
    for (const { gates } of model.layers)
      for (const matrix of matrixNames) found.push(await gates[0][matrix].parameter.read());
    return found;
  } finally {
    await model.close();
  }
}

/** The matrices with the 60 % smallest weights of each gate at 0, by sorting. */
async function prunedBySorting(file: string): Promise<Float32Array[]> {
  const model = await openModel(file);
  try {
    const matrices = await matricesOf(file);
    for (const [l, { gates }] of model.layers.entries()) {
      for (const gate of gates) {
        const own = matrixNames.map((matrix, m) => gathered(gate[matrix], matrices[2 * l + m]));
        const magnitudes = own.flatMap((values) => [...values.map(Math.abs)]).sort((a, b) => a - b);
        const largestGone = magnitudes[Math.round(0.6 * magnitudes.length) - 1];
        for (const [m, matrix] of matrixNames.entries()) {
          const { rows, columns, offset, rowStride, columnStride } = gate[matrix];
          for (let r = 0; r < rows; r++)
            for (let c = 0; c < columns; c++) {
              const at = offset + r * rowStride + c * columnStride;
              if (Math.abs(matrices[2 * l + m][at]) <= largestGone) matrices[2 * l + m][at] = 0;
            }
        }
      }
    }
    return matrices;
  } finally {
    await model.close();
  }
}

async function agree(file: string, inputs: Tensor): Promise<void> {
  const judged = judgedOf.get(file);
  assert.ok(judged);
  const [ours] = await forward(file, [inputs]);
  const expected = unpacked(judged.output);
  assert.deepEqual(ours.shape, expected.shape);
  const worst = largestDifference(ours, expected);
  assert.ok(worst <= 1e-5, `largest difference ${worst}`);
}

for (const [i, { name, inputs }] of cases.entries()) {
  const { whole, alone, masked, shrunk } = pruned[i];

  test(`${name}: the matrices are those into which Keras 2 converts it, bit by bit`, async () => {
    const expected = judgedOf.get(path(name))?.matrices.map((matrix) => unpacked(matrix).data);
    assert.deepEqual(await matricesOf(path(name)), expected);
    assert.deepEqual(await matricesOf(path(name, '.weights.h5')), expected);
  });

  test(`${name}: puts out what Keras 2 puts out, pruned as well`, async () => {
    await agree(path(name), unpacked(inputs));
    await agree(whole, unpacked(inputs));
  });

  test(`${name}: Keras 2 finds in the pruned file our zeros and every other weight as it was`, async () => {
    const expected = await prunedBySorting(path(name));
    assert.deepEqual(
      judgedOf.get(whole)?.matrices.map((matrix) => unpacked(matrix).data),
      expected,
    );
    assert.deepEqual(await matricesOf(alone), expected);
  });

  test(`${name}: shrunk, it puts out what it put out masked`, async () => {
    assert.ok(masked !== undefined && shrunk !== undefined);
    await agree(masked, unpacked(inputs));
    await agree(shrunk, unpacked(inputs));
    const [before, after] = [masked, shrunk].map((file) => unpacked((judgedOf.get(file) as Judged).output));
    assert.ok(largestDifference(before, after) <= 1e-5);
    assert.ok((await readFile(shrunk)).length < (await readFile(masked)).length);
  });
}
