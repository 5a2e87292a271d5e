import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTrainingSession } from '../../../extension/engine/createSession.ts';
import type { GraphNode } from '../../../extension/model/graph.ts';
import type { HalfType } from '../../../extension/model/rounding.ts';
import { memoryParameter } from '../../support/memoryModel.ts';
import { compute, tensor } from './compute.ts';

const base = { inputs: ['x0'], outputs: ['y'], origin: 'layer' };

function dense(type?: HalfType): GraphNode {
  const [weight, bias] = [
    memoryParameter('kernel', [2, 1], [1, 1 + 2 ** -7]),
    memoryParameter('bias', [1], [2 ** -9]),
  ];
  return { ...base, op: 'MatMul', weight, bias, ...(type && { half: { type } }) };
}
const x = tensor([1, 2], [1 + 2 ** -10, 2 ** -7]);

test('products of matrices are rounded before the bias is added; those of bfloat16 are cut off', async () => {
  // Inputs as bfloat16: 1 and 2^-7. Their product with the kernel is 1 + 2^-7 + 2^-14, and a bias of 2^-9 is less than half a digit.
  const [{ data: cut }] = await compute([dense('bfloat16')], [x], ['y']);
  assert.deepEqual([...cut], [1 + 2 ** -7]);
  // As float16: 1 + 2^-10 + 2^-7 + 2^-14, without the last; the bias is two digits.
  const [{ data: rounded }] = await compute([dense('float16')], [x], ['y']);
  assert.deepEqual([...rounded], [1 + 2 ** -10 + 2 ** -7 + 2 ** -9]);
  const [{ data: floats }] = await compute([dense()], [x], ['y']);
  assert.deepEqual([...floats], [1 + 2 ** -10 + 2 ** -7 + 2 ** -14 + 2 ** -9]);
});

test('a sigmoid rounds its power, its sum and its quotient, as TensorFlow does', async () => {
  const activation = { op: 'Sigmoid' } as const;
  const sigmoid = (type: HalfType): GraphNode => ({ ...base, op: 'Activation', activation, half: { type } });
  // What TensorFlow 2.21 puts out; rounded once it would be 0.5.
  const [{ data: halves }] = await compute(
    [sigmoid('float16')],
    [tensor([1, 2], [0.00048828125, 20])],
    ['y'],
  );
  assert.deepEqual([...halves], [0.50048828125, 1]);
  const [{ data: brains }] = await compute([sigmoid('bfloat16')], [tensor([1, 2], [0.00390625, 100])], ['y']);
  assert.deepEqual([...brains], [0.50390625, 1]);
});

test('gradients are taken in float32', async () => {
  const steps = [dense(), dense('bfloat16')].map(async (node) => {
    const loss = { name: 'mean_squared_error', head: 'linear', width: 1, fromLogits: false } as const;
    const judged: GraphNode = {
      op: 'Loss',
      loss,
      inputs: ['y', 'x1'],
      outputs: ['mean', 'rows'],
      origin: 'loss',
    };
    const session = await createTrainingSession(
      {
        inputs: ['x0', 'x1'].map((name, i) => ({ name, shape: [null, 2 - i], dtype: 'float32' })),
        nodes: [node, judged],
        outputs: [{ name: 'y' }],
      },
      { optimizer: { name: 'sgd', momentum: 0, nesterov: false } },
    );
    const { loss: value, gradients } = await session.gradients({ inputs: [x, tensor([1, 1], [0.5])] });
    await session.dispose();
    return [value, ...[...gradients.values()].map((gradient) => [...gradient])];
  });
  const [floats, halves] = await Promise.all(steps);
  assert.deepEqual(halves, floats);
});
