// Masks that the layers of a format do not heed become values, by which the graph computes the same.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withMaskValues } from '../../../extension/conversion/keras/maskValues.ts';
import { createSession } from '../../../extension/engine/createSession.ts';
import type { Graph, GraphNode } from '../../../extension/model/graph.ts';
import type { Tensor } from '../../../extension/model/tensor.ts';
import { inferShapes } from '../../../extension/ops/infer.ts';
import { Sketch } from '../../support/trainingGraphs.ts';
import { shareThreads } from '../engine/shareThreads.ts';

shareThreads();

const [batch, steps, width] = [3, 4, 2];
const sketch = new Sketch();
const recurrent = { inputs: ['x'], outputs: ['h'], mask: 'mask', zeroMaskedOutput: true } as const;
sketch.recurrent('LSTM', [width, width], recurrent);
const [lstm] = sketch.nodes;
const mean: GraphNode = { op: 'ReduceMean', inputs: ['h'], outputs: ['y'], origin: 'mean', mask: 'mask' };
const maximum: GraphNode = { op: 'ReduceMax', inputs: ['h'], outputs: ['y'], origin: 'max', mask: 'mask' };

/** A masked layer over features, and what else there is. */
function graphOf(value: number, ...more: GraphNode[]): Graph {
  const mask = { op: 'NotEqualMask', value, overFeatures: true, origin: 'masking' } as const;
  return {
    inputs: [{ name: 'x', shape: [null, null, width], dtype: 'float32' }],
    nodes: [{ ...mask, inputs: ['x'], outputs: ['mask'] }, lstm, ...more],
    outputs: [{ name: more.at(-1)?.outputs[0] ?? 'h' }],
  };
}

/** Steps of the value, but for one feature of one step, which is the next number that float32 knows. */
function features(value: number): Tensor {
  const data = new Float32Array(batch * steps * width).fill(value);
  for (let i = 0; i < 7; i++) data[i] = i + 0.5;
  const next = new Float32Array([value]);
  new Uint32Array(next.buffer)[0] += value === 0 ? 0x800000 : 1;
  data[steps * width + 5] = next[0];
  return { shape: [batch, steps, width], data };
}

async function outputOf(graph: Graph, x: Tensor): Promise<number[]> {
  const session = await createSession(graph);
  try {
    return [...(await session.observe([x], [graph.outputs[0].name]))[0].data];
  } finally {
    await session.dispose();
  }
}

function rewritten(graph: Graph, dialect: 'keras' | 'tfjs' = 'tfjs'): Graph {
  return withMaskValues(graph, inferShapes(graph), dialect);
}

for (const value of [0, 0.3, -9, 1e9]) {
  test(`zeros at steps of ${value} are made by a product, to the last bit`, async () => {
    const [graph, x] = [graphOf(value), features(value)];
    const changed = rewritten(graph);
    assert.ok(!changed.nodes.some((node) => 'zeroMaskedOutput' in node));
    const [expected, found] = [await outputOf(graph, x), await outputOf(changed, x)];
    // A product with 0 may be -0.
    assert.deepEqual(
      found.map((one) => one + 0),
      expected,
    );
    assert.ok(found.includes(0) && found[steps * width + 5] !== 0);
  });
}

test('a maximum leaves out masked steps by adding the lowest number, but for samples without any other', async () => {
  const [graph, x] = [graphOf(0, maximum), features(0)];
  const changed = rewritten(graph);
  assert.ok(changed.nodes.every((node) => node.op !== 'ReduceMax' || node.mask === undefined));
  const [expected, found] = [await outputOf(graph, x), await outputOf(changed, x)];
  assert.deepEqual(found.slice(0, 2 * width), expected.slice(0, 2 * width));
  assert.ok(expected[0] < 0 || expected[1] < 0);
});

test('a mean of TensorFlow.js takes shares of real steps alone', async () => {
  const [graph, x] = [graphOf(0, mean), features(0)];
  const changed = rewritten(graph);
  assert.ok(!changed.nodes.some(({ op }) => op === 'ReduceMean'));
  const [expected, found] = [await outputOf(graph, x), await outputOf(changed, x)];
  for (const [i, one] of expected.slice(0, 2 * width).entries()) assert.ok(Math.abs(found[i] - one) < 1e-7);
});

test('nothing is added where Keras heeds the mask', () => {
  const ops = rewritten(graphOf(0, mean), 'keras').nodes.map(({ op }) => op);
  assert.deepEqual(ops, ['NotEqualMask', 'ApplyMask', 'LSTM', 'ReduceMean']);
});
