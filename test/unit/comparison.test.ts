import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  describeLayer,
  layerRows,
  matrixShape,
  projectionText,
} from '../../extension/protocol/comparison.ts';
import { fill, labels, type Say } from '../../extension/protocol/labels.ts';
import { numbersFor } from '../../extension/protocol/numbers.ts';
import type { InspectReport, LayerReport, MatrixStatistics } from '../../extension/protocol/report.ts';

const say: Say = (label, args = {}) => fill(labels[label], args);

const matrix: MatrixStatistics = { size: 8, zeros: 2, sparsity: 0.25, meanAbs: 1, maxAbs: 3, nearZero: 2 };

function layer(name: string, hiddenSize: number): LayerReport {
  const gates = { h: { kernel: matrix, recurrent: matrix, bias: matrix } };
  return {
    name,
    cell: 'RNN',
    direction: 'forward',
    inputSize: 4,
    hiddenSize,
    sparsity: 0.25,
    gates,
    deadUnits: [0],
  };
}

function report(...layers: LayerReport[]): InspectReport {
  return { layers } as unknown as InspectReport;
}

test('a layer that has left its file is shown beside itself as nothing', () => {
  const [first, second] = layerRows(report(layer('a', 4), layer('b', 4)), report(layer('a', 3)));
  assert.equal(describeLayer(first, say), 'RNN · 4 inputs, 4 → 3 units');
  assert.equal(describeLayer(second, say), 'RNN · 4 inputs, 4 units · removed from the file');
  assert.deepEqual([second.after?.sparsity, second.after?.deadUnits], [1, []]);
  const none = { size: 8, zeros: 8, sparsity: 1, meanAbs: 0, maxAbs: 0, nearZero: 8 };
  const cell = { before: matrix, after: none };
  assert.deepEqual(second.rows, [{ gate: 'h', kernel: cell, recurrent: cell, bias: cell }]);
});

test('a layer of a file that is shown as it is has nothing beside it', () => {
  const [only] = layerRows(report(layer('a', 4)));
  assert.equal(only.after, undefined);
  assert.deepEqual(only.rows[0].kernel, { before: matrix });
});

test('a projection is told in a sentence, and the recurrent kernel is as high as what it puts out', () => {
  const projecting = (sparsity: number): LayerReport => ({
    ...layer('a', 4),
    projection: { ...matrix, sparsity, outputSize: 2 },
  });
  const numbers = numbersFor('en');
  const [first] = layerRows(report(projecting(0.25)), report(projecting(0.5)));
  assert.equal(projectionText(first, say, numbers), 'Projection 4 × 2 (8 weights): 25.0% → 50.0% zero');
  assert.equal(matrixShape(first.before, 'recurrent'), '2 × 4');
  const [alone] = layerRows(report(projecting(0.25)));
  assert.equal(projectionText(alone, say, numbers), 'Projection 4 × 2 (8 weights): 25.0% zero');
  const [gone] = layerRows(report(projecting(0.25)), report());
  assert.equal(projectionText(gone, say, numbers), 'Projection 4 × 2 (8 weights): 25.0% → 100.0% zero');
  const [plain] = layerRows(report(layer('a', 4)));
  assert.equal(projectionText(plain, say, numbers), undefined);
  assert.equal(matrixShape(plain.before, 'recurrent'), '4 × 4');
});
