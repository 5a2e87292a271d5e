import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Samples } from '../../../extension/data/dataset.ts';
import { createTrainingSession } from '../../../extension/engine/createSession.ts';
import type { Evidence, EvidenceKind } from '../../../extension/model/evidence.ts';
import type { Graph, GraphNode } from '../../../extension/model/graph.ts';
import { evidenceAbout, evidenceInTraining } from '../../../extension/training/evidence/open.ts';
import { firstSamples } from '../../../extension/training/evidence/samples.ts';
import { Feed } from '../../../extension/training/feed.ts';
import { withLoss } from '../../../extension/training/lossGraph.ts';
import { memoryParameter } from '../../support/memoryModel.ts';
import { assertNear, squaredError } from './evidenceOf.ts';

/** y = x W + b, W [2, 1]. */
function linear(weights: readonly number[], bias: number) {
  const weight = memoryParameter('dense/kernel', [2, 1], weights);
  const offset = memoryParameter('dense/bias', [1], [bias]);
  const node: GraphNode = {
    op: 'MatMul',
    inputs: ['x'],
    outputs: ['y'],
    origin: 'dense',
    weight,
    bias: offset,
  };
  const graph: Graph = {
    inputs: [{ name: 'x', shape: [null, 2], dtype: 'float32' }],
    nodes: [node],
    outputs: [{ name: 'y' }],
  };
  const view = { parameter: weight, rows: 1, columns: 2, offset: 0, rowStride: 1, columnStride: 1 };
  return { graph, weight, offset, parts: [{ matrixName: 'dense/kernel', view }] };
}

/** Of y = 2 x₁ − x₂ + 1 the outputs are 1, 3, 4 and the errors 1, 1, −2. */
const linearSamples: Samples = {
  inputs: [{ shape: [3, 2], data: Float32Array.of(1, 2, 1, 0, 2, 1) }],
  targets: { shape: [3, 1], data: Float32Array.of(0, 2, 6) },
  count: 3,
};

function about(
  { graph, parts }: Pick<ReturnType<typeof linear>, 'graph' | 'parts'>,
  kinds: readonly EvidenceKind[],
  wish: { batch?: number; most?: number } = {},
): Promise<Evidence> {
  return evidenceAbout(graph, squaredError(1), linearSamples, kinds, { layers: [], parts, ...wish });
}

describe('gradients tell of weights', () => {
  test('the gradient of the mean loss is the mean over all rows, however they are cut into batches', async () => {
    // 2 e x of the samples: (2, 4), (2, 0), (−8, −4).
    for (const batch of [1, 2, 3]) {
      const model = linear([2, -1], 1);
      const { gradient } = await about(model, ['gradient'], { batch });
      assertNear(gradient?.get(model.weight), [-4 / 3, 0], `batches of ${batch}`);
      assertNear(gradient?.get(model.offset), [0], `batches of ${batch}`);
    }
  });

  test('the squared gradient is the mean of the squares of single samples', async () => {
    const model = linear([2, -1], 1);
    const { squaredGradient } = await about(model, ['squaredGradient']);
    assertNear(squaredGradient?.get(model.weight), [72 / 3, 32 / 3]);
    assertNear(squaredGradient?.get(model.offset), [24 / 3]);
  });

  test('the saliency of a column is the mean of |Σ w g| of single samples', async () => {
    const { columnSaliency } = await about(linear([2, -1], 1), ['columnSaliency']);
    assertNear(columnSaliency?.get('dense/kernel'), [(4 + 4 + 16) / 3, (4 + 0 + 4) / 3]);
  });

  test('frozen weights are judged too', async () => {
    const expected = linear([2, -1], 1);
    const { gradient: usual } = await about(expected, ['gradient']);
    const frozen = linear([2, -1], 1);
    Object.assign(frozen.weight, { trainable: false });
    const { gradient } = await about(frozen, ['gradient']);
    assert.deepEqual(gradient?.get(frozen.weight), usual?.get(expected.weight));
  });

  test('masked weights are 0 in it, and have no gradient', async () => {
    const model = linear([2, -1], 1);
    model.weight.mask = Uint8Array.of(0, 1);
    // Of y = −x₂ + 1 the errors are −1, −1, −6.
    const { gradient, columnSaliency } = await about(model, ['gradient', 'columnSaliency']);
    assertNear(gradient?.get(model.weight), [0, (-4 + 0 - 12) / 3]);
    assertNear(columnSaliency?.get('dense/kernel'), [0, (4 + 0 + 12) / 3]);
  });

  test('what the loss does not depend on has a gradient of 0', async () => {
    const model = linear([2, -1], 1);
    const lone = memoryParameter('lone', [1, 2], [3, 4]);
    const view = { parameter: lone, rows: 2, columns: 1, offset: 0, rowStride: 1, columnStride: 2 };
    const parts = [...model.parts, { matrixName: 'lone', view }];
    const kinds = ['gradient', 'squaredGradient', 'columnSaliency'] as const;
    const { gradient, squaredGradient, columnSaliency } = await about({ ...model, parts }, kinds);
    assertNear(gradient?.get(lone), [0, 0]);
    assertNear(squaredGradient?.get(lone), [0, 0]);
    assertNear(columnSaliency?.get('lone'), [0]);
  });

  test('samples without a step that counts say nothing', async () => {
    const model = linear([2, -1], 1);
    const nodes = model.graph.nodes.map((node) => ({ ...node, inputs: ['x'] }) as GraphNode);
    const graph: Graph = {
      inputs: [
        { name: 'x', shape: [null, null, 2], dtype: 'float32' },
        { name: 'mask', shape: [null, null], dtype: 'float32' },
      ],
      nodes,
      outputs: [{ name: 'y', mask: 'mask' }],
    };
    // The second sample is masked whole, the first one's second step too.
    const samples: Samples = {
      inputs: [
        { shape: [2, 2, 2], data: Float32Array.of(1, 2, 9, 9, 9, 9, 9, 9) },
        { shape: [2, 2], data: Float32Array.of(1, 0, 0, 0) },
      ],
      targets: { shape: [2, 2, 1], data: new Float32Array(4) },
      count: 2,
    };
    const kinds = ['gradient', 'squaredGradient', 'columnSaliency'] as const;
    const { parts } = model;
    const wish = { layers: [], parts, batch: 1 };
    const found = await evidenceAbout(graph, squaredError(1), samples, kinds, wish);
    assertNear(found.gradient?.get(model.weight), [2, 4]);
    assertNear(found.squaredGradient?.get(model.weight), [4, 16]);
    assertNear(found.columnSaliency?.get('dense/kernel'), [4, 4]);
  });
});

test('in a training, its present weights and its own first samples tell', async () => {
  const { inputs, targets, count } = linearSamples;
  const model = linear([2, -1], 1);
  const lossGraph = withLoss(model.graph, squaredError(1), targets);
  const optimizer = { name: 'sgd', momentum: 0, nesterov: false } as const;
  const session = await createTrainingSession(lossGraph.graph, { optimizer });
  const settings = {
    epochs: 1,
    batch: 2,
    seed: 5,
    learningRate: 0.1,
    usualRate: 0.1,
    decay: 'none',
  } as const;
  const train = new Feed(inputs, targets);
  const kinds = ['gradient', 'columnSaliency', 'inputNorms'] as const;
  const wish = { layers: [], parts: model.parts, most: 2 };
  await session.step({ inputs: [...inputs, targets] }, { learningRate: 0.1 });
  const found = await evidenceInTraining({ session, lossGraph, train, settings }, kinds, wish);
  for (const [parameter, values] of await session.weights()) parameter.trained = values;
  await session.dispose();
  assert.notDeepEqual(model.weight.trained, model.weight.values);
  const expected = await evidenceAbout(model.graph, squaredError(1), { inputs, targets, count }, kinds, {
    ...wish,
    seed: 5,
  });
  assert.deepEqual(found, expected);
});

describe('the samples that tell', () => {
  const samples: Samples = {
    inputs: [{ shape: [10, 1], data: Float32Array.from({ length: 10 }, (_, i) => i) }],
    targets: { shape: [10, 1], data: Float32Array.from({ length: 10 }, (_, i) => 10 * i) },
    count: 10,
  };

  test('are the first that a training with the same seed takes, inputs with their targets', () => {
    const four = firstSamples(samples, 4, 1);
    assert.equal(four.count, 4);
    assert.deepEqual(
      four.targets.data,
      four.inputs[0].data.map((x) => 10 * x),
    );
    assert.deepEqual([...firstSamples(samples, 9, 1).inputs[0].data].slice(0, 4), [...four.inputs[0].data]);
    assert.notDeepEqual(firstSamples(samples, 4, 2), four);
  });

  test('are no more than there are', () => {
    assert.equal(firstSamples(samples, 256, 1).count, 10);
  });

  test('are as many as were asked for', async () => {
    const model = linear([2, -1], 1);
    const { gradient } = await about(model, ['gradient'], { most: 1 });
    const ones = [
      [2, 4],
      [2, 0],
      [-8, -4],
    ];
    const found = [...(gradient?.get(model.weight) ?? [])];
    assert.ok(
      ones.some((one) => one.every((value, i) => Math.abs(value - found[i]) < 1e-5)),
      String(found),
    );
  });
});
