// Evidence that no gradient tells: what weights are multiplied with, and what units put out.
import { describe, test } from 'node:test';
import type { Samples } from '../../../extension/data/dataset.ts';
import type { Graph, RecurrentNode } from '../../../extension/model/graph.ts';
import { evidenceAbout } from '../../../extension/training/evidence/open.ts';
import {
  type MemoryLayer,
  type MemoryParameter,
  memoryLayer,
  memoryParameter,
} from '../../support/memoryModel.ts';
import { seeded } from '../../support/random.ts';
import { assertNear, squaredError } from './evidenceOf.ts';

/** h' = x W + h R, all linear; [I, H] and [H, H] in Keras' layout. */
function recurrence(kernel: readonly number[], recurrent: readonly number[], name = 'rnn'): MemoryLayer {
  const hiddenSize = Math.sqrt(recurrent.length);
  const inputSize = kernel.length / hiddenSize;
  const layer = memoryLayer({ name, cell: 'RNN', inputSize, hiddenSize, biases: 0 }, () => 0);
  layer.kernel.values.set(kernel);
  layer.recurrent.values.set(recurrent);
  return layer;
}

function recurrentGraph(
  layer: MemoryLayer,
  node: Partial<RecurrentNode>,
  inputs: Graph['inputs'] = [],
): Graph {
  const linear = { op: 'Identity' } as const;
  return {
    inputs: [{ name: 'x', shape: [null, null, layer.inputSize], dtype: 'float32' }, ...inputs],
    nodes: [
      {
        op: 'RNN',
        inputs: ['x'],
        outputs: ['all', 'last'],
        origin: layer.name,
        layer,
        gateActivation: linear,
        activation: linear,
        ...node,
      },
    ],
    outputs: [{ name: 'last' }],
  };
}

const noTargets = (count: number) => ({ shape: [count, 1], data: new Float32Array(count) });

const norm = (...squares: number[]) => Math.sqrt(squares.reduce((a, b) => a + b, 0) / squares.length);

function norms(graph: Graph, inputs: Samples['inputs'], layers: readonly MemoryLayer[] = []) {
  const [count] = inputs[0].shape;
  const samples = { inputs, targets: noTargets(count), count };
  return evidenceAbout(graph, squaredError(1), samples, ['inputNorms', 'units'], { layers, parts: [] });
}

describe('what flows through the graph tells of weights', () => {
  // h = 1, 1·½ + 3 = 3.5, 3.5·½ − 2 = −0.25
  const x = { shape: [1, 3, 1], data: Float32Array.of(1, 3, -2) };

  test('a kernel is multiplied with the inputs, a recurrent kernel with the output one step before', async () => {
    const { inputNorms } = await norms(recurrentGraph(recurrence([1], [0.5]), {}), [x]);
    assertNear(inputNorms?.get('rnn/kernel'), [norm(1, 9, 4)]);
    assertNear(inputNorms?.get('rnn/recurrent'), [norm(0, 1, 3.5 ** 2)]);
  });

  test('backwards, the step before is the next one', async () => {
    const graph = recurrentGraph(recurrence([1], [0.5]), { reverse: true });
    const { inputNorms } = await norms(graph, [{ shape: [1, 3, 1], data: Float32Array.of(1, 3, -1) }]);
    // h = −1, then −½ + 3 = 2.5
    assertNear(inputNorms?.get('rnn/recurrent'), [norm(0, 1, 2.5 ** 2)]);
  });

  test('an initial state enters the first step', async () => {
    const graph = recurrentGraph(recurrence([1], [0.5]), { inputs: ['x', 'h0'] }, [
      { name: 'h0', shape: [null, 1], dtype: 'float32' },
    ]);
    const { inputNorms } = await norms(graph, [x, { shape: [1, 1], data: Float32Array.of(4) }]);
    // h = 3, 4.5
    assertNear(inputNorms?.get('rnn/recurrent'), [norm(16, 9, 4.5 ** 2)]);
  });

  test('each row of a diagonal is multiplied with the output of its own unit', async () => {
    const layer = memoryLayer({ name: 'lstm', inputSize: 1, hiddenSize: 2, diagonal: true }, seeded(1));
    const states = ['h0', 'c0'].map((name) => ({ name, shape: [null, 2], dtype: 'float32' }) as const);
    const node = { op: 'LSTM', inputs: ['x', 'h0', 'c0'], gateActivation: { op: 'Sigmoid' } } as const;
    const { inputNorms } = await norms(recurrentGraph(layer, node, states), [
      { shape: [2, 1, 1], data: Float32Array.of(1, 2) },
      { shape: [2, 2], data: Float32Array.of(3, -4, 1, 0) },
      { shape: [2, 2], data: new Float32Array(4) },
    ]);
    assertNear(inputNorms?.get('lstm/recurrent'), [norm(9, 1), norm(16, 0)]);
  });

  for (const zeroMaskedOutput of [false, true]) {
    test(`masked steps are left out${zeroMaskedOutput ? ', also where they put out zeros' : ''}`, async () => {
      const layer = recurrence([1], [0.5]);
      const graph = recurrentGraph(layer, { mask: 'm', zeroMaskedOutput }, [
        { name: 'm', shape: [null, null], dtype: 'float32' },
      ]);
      const mask = { shape: [1, 3], data: Float32Array.of(1, 0, 1) };
      const { inputNorms, units } = await norms(graph, [x, mask], [layer]);
      // h = 1, held, ½ − 2 = −1.5
      assertNear(inputNorms?.get('rnn/kernel'), [norm(1, 4)]);
      assertNear(inputNorms?.get('rnn/recurrent'), [norm(0, 1)]);
      assertNear(units?.get(layer)?.meanAbsolute, [1.25]);
    });
  }

  test('units are told by their outputs: mean magnitude, variance, how often they are silent', async () => {
    const layer = recurrence([1, 0, 0.001], new Array(9).fill(0));
    const { units } = await norms(recurrentGraph(layer, {}), [x], [layer]);
    const { meanAbsolute, variance, nearZero } = units?.get(layer) ?? {};
    assertNear(meanAbsolute, [2, 0, 0.002]);
    // E[h²] = 14/3, E[h] = 2/3
    assertNear(variance, [14 / 3 - 4 / 9, 0, 1e-6 * (14 / 3 - 4 / 9)]);
    assertNear(nearZero, [0, 1, 1]);
  });

  test('a layer that the graph does not have puts out nothing', async () => {
    const [layer, lone] = [recurrence([1], [0.5]), recurrence([1], [0.5], 'lone')];
    const { units } = await norms(recurrentGraph(layer, {}), [x], [layer, lone]);
    assertNear(units?.get(lone)?.meanAbsolute, [0]);
  });

  test('dropout drops nothing', async () => {
    const layer = recurrence([1], [0.5]);
    const options = { dropout: 0.5, recurrentDropout: 0.5 };
    const { inputNorms } = await norms(recurrentGraph(layer, options), [x]);
    assertNear(inputNorms?.get('rnn/recurrent'), [norm(0, 1, 3.5 ** 2)]);
  });

  test('a dense kernel is multiplied with its inputs at the steps that are real, an embedding with one-hot tokens', async () => {
    const table = memoryParameter('embedding', [3, 1], [5, 1, 3]);
    const layer = recurrence([1], [0.5]);
    const weight: MemoryParameter = memoryParameter('dense/kernel', [1, 1], [1]);
    const made = { origin: 'embedding', inputs: ['ids'] };
    const [{ ...rnn }] = recurrentGraph(layer, { inputs: ['x'], mask: 'm' }).nodes;
    const graph: Graph = {
      inputs: [{ name: 'ids', shape: [null, null], dtype: 'int32', vocabulary: 3 }],
      nodes: [
        { ...made, op: 'Gather', outputs: ['x'], table },
        { ...made, op: 'NotEqualMask', outputs: ['m'], value: 0, overFeatures: false },
        rnn,
        { op: 'MatMul', inputs: ['all'], outputs: ['y'], origin: 'dense', weight },
      ],
      outputs: [{ name: 'y', mask: 'm' }],
    };
    const { inputNorms } = await norms(graph, [{ shape: [1, 4], data: Int32Array.of(1, 2, 1, 0) }]);
    assertNear(inputNorms?.get('embedding'), [0, norm(1, 0, 1), norm(0, 1, 0)]);
    // x = 1, 3, 1; h = 1, 3.5, 2.75
    assertNear(inputNorms?.get('dense/kernel'), [norm(1, 3.5 ** 2, 2.75 ** 2)]);
  });
});
