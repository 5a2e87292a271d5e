import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GraphNode } from '../../../extension/model/graph.ts';
import { stepMasks } from '../../../extension/ops/stepMasks.ts';
import { memoryLayer, memoryParameter } from '../../support/memoryModel.ts';

const from = (inputs: string[], output: string) => ({ inputs, outputs: [output], origin: output });
const linear = { op: 'Identity' } as const;

function masksOf(...nodes: GraphNode[]): Record<string, string> {
  return Object.fromEntries(stepMasks({ inputs: [], nodes, outputs: [] }));
}

test('a mask goes from its sequence through all that keeps the steps', () => {
  const layer = memoryLayer({ cell: 'RNN', inputSize: 1, hiddenSize: 1 }, () => 0);
  const weight = memoryParameter('w', [1, 1], [1]);
  const recurrent = { layer, gateActivation: linear, activation: linear };
  const masks = masksOf(
    { op: 'NotEqualMask', value: 0, overFeatures: true, ...from(['x'], 'm') },
    { op: 'ApplyMask', ...from(['x', 'm'], 'clean') },
    { op: 'Dropout', rate: 0.1, ...from(['clean'], 'dropped') },
    { op: 'RNN', ...recurrent, inputs: ['dropped'], outputs: ['all', 'last'], origin: 'rnn', mask: 'm' },
    { op: 'MatMul', weight, ...from(['all'], 'dense') },
    { op: 'Activation', activation: { op: 'Relu' }, ...from(['dense'], 'positive') },
    { op: 'Add', ...from(['other', 'positive'], 'sum') },
    { op: 'Concat', axis: -1, ...from(['sum', 'all'], 'joined') },
  );
  const steps = ['x', 'clean', 'dropped', 'all', 'dense', 'positive', 'sum', 'joined'];
  assert.deepEqual(masks, Object.fromEntries(steps.map((name) => [name, 'm'])));
});

test('what has other steps, or none, has no mask', () => {
  const layer = memoryLayer({ cell: 'RNN', inputSize: 1, hiddenSize: 1 }, () => 0);
  const recurrent = { layer, gateActivation: linear, activation: linear };
  const masks = masksOf(
    { op: 'NotEqualMask', value: 0, overFeatures: true, ...from(['x'], 'm') },
    { op: 'Concat', axis: 1, ...from(['x', 'y'], 'longer') },
    { op: 'Flatten', ...from(['x'], 'flat') },
    { op: 'ReduceMean', mask: 'm', ...from(['x'], 'pooled') },
    { op: 'RNN', ...recurrent, ...from(['y'], 'unmasked') },
  );
  assert.deepEqual(masks, { x: 'm' });
});

test('a mask by lengths is that of the sequence whose lengths they are', () => {
  const masks = masksOf(
    { op: 'LengthMask', ...from(['lengths', 'x'], 'm') },
    { op: 'Dropout', rate: 0.1, ...from(['x'], 'dropped') },
  );
  assert.deepEqual(masks, { x: 'm', dropped: 'm' });
});
