import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { paddedOutputs, sameness } from '../../../extension/jobs/sameOutputs.ts';
import { type Graph, isRecurrent } from '../../../extension/model/graph.ts';
import { outputsOn } from '../../../extension/training/compareOutputs.ts';
import { conversionCases } from '../../support/conversionGraphs.ts';
import { Sketch } from '../../support/trainingGraphs.ts';
import { shareThreads } from '../engine/shareThreads.ts';

shareThreads();

const name = 'embedding that masks, a class a step';
const masked = conversionCases().find((one) => one.name === name)?.graph;
assert.ok(masked, name);

async function likenessTo(other: Graph, graph = masked as Graph) {
  const original = await paddedOutputs(graph);
  assert.ok(original);
  const likeness = await sameness(graph, original, await outputsOn(original, other), {});
  assert.ok(likeness);
  return likeness;
}

/** A layer over sequences of which steps that are of one value throughout are masked. */
function maskedWhere(value: number): Graph {
  const sketch = new Sketch();
  sketch.nodes.push(
    { op: 'NotEqualMask', inputs: ['x'], outputs: ['mask'], origin: 'masking', value, overFeatures: true },
    { op: 'ApplyMask', inputs: ['x', 'mask'], outputs: ['masked'], origin: 'masking' },
  );
  sketch.recurrent('LSTM', [3, 4], { inputs: ['masked'], outputs: ['sequence', 'last'], mask: 'mask' });
  return {
    inputs: [{ name: 'x', shape: [null, 6, 3], dtype: 'float32' }],
    nodes: sketch.nodes,
    outputs: [{ name: 'last' }],
  };
}

/** A layer that masks what a table holds for id 0. */
function maskedRows(): Graph {
  const sketch = new Sketch();
  const table = sketch.parameter('table', [9, 3]);
  table.values.fill(-1, 0, 3);
  const nodes = maskedWhere(-1).nodes;
  return {
    inputs: [{ name: 'ids', shape: [null, 6], dtype: 'int32', vocabulary: 9 }],
    nodes: [{ op: 'Gather', inputs: ['ids'], outputs: ['x'], origin: 'embedding', table }, ...nodes],
    outputs: [{ name: 'last' }],
  };
}

/** A layer over the steps that lengths leave it, behind its input times a factor. */
function ofLengths(factor: number): Graph {
  const sketch = new Sketch();
  sketch.nodes.push(
    { op: 'LengthMask', inputs: ['lengths', 'x'], outputs: ['mask'], origin: 'lengths' },
    { op: 'Scale', inputs: ['x'], outputs: ['scaled'], origin: 'scaled', factor },
  );
  sketch.recurrent('LSTM', [3, 4], { inputs: ['scaled'], outputs: ['sequence', 'last'], mask: 'mask' });
  return {
    inputs: [
      { name: 'x', shape: [null, 6, 3], dtype: 'float32' },
      { name: 'lengths', shape: [null], dtype: 'int32' },
    ],
    nodes: sketch.nodes,
    outputs: [{ name: 'last' }],
  };
}

/** The sine of numbers so large that each rounding of them shows. */
function chaotic(factor: number): Graph {
  return {
    inputs: [{ name: 'x', shape: [null, 6, 3], dtype: 'float32' }],
    nodes: [
      { op: 'Scale', inputs: ['x'], outputs: ['large'], origin: 'large', factor: factor * 1e5 },
      { op: 'Activation', inputs: ['large'], outputs: ['sine'], origin: 'sine', activation: { op: 'Sin' } },
    ],
    outputs: [{ name: 'sine' }],
  };
}

/** Without the masks of its layers. */
function unmasked(graph: Graph): Graph {
  const nodes = graph.nodes.map((node) => {
    if (!isRecurrent(node)) return node;
    const { mask, ...rest } = node;
    return rest;
  });
  return { ...graph, nodes };
}

/** Put out behind one more layer. */
function scaled(graph: Graph, factor: number): Graph {
  const [{ name: output }] = graph.outputs;
  const last = { op: 'Scale', factor, inputs: [output], outputs: ['scaled'], origin: 'scaled' } as const;
  return { ...graph, nodes: [...graph.nodes, last], outputs: [{ name: 'scaled' }] };
}

describe('the outputs of a conversion', () => {
  test('are those of the original where it computes the same', async () => {
    assert.deepEqual(await likenessTo(masked), { same: true, difference: 0 });
  });

  test('are others where it heeds no mask, in whatever steps that shows', async () => {
    const { same, difference } = await likenessTo(unmasked(masked));
    assert.equal(same, false);
    assert.ok(difference > 0.01, `${difference}`);
  });

  test('are others however small all outputs are', async () => {
    const { same } = await likenessTo(scaled(masked, 1.001e-6), scaled(masked, 1e-6));
    assert.equal(same, false);
  });

  for (const value of [0, -1, 0.1, 3e38]) {
    test(`are others without the mask of steps of ${value}, which rounding leaves as they are`, async () => {
      const graph = maskedWhere(value);
      const { same, difference, rounded = 1 } = await likenessTo(unmasked(graph), graph);
      assert.equal(same, false);
      assert.ok(difference > 0.1, `${difference}`);
      assert.ok(rounded < 1e-4, `${rounded}`);
    });
  }

  test('are others without a mask of the rows that a table holds', async () => {
    const graph = maskedRows();
    const { same, rounded = 1 } = await likenessTo(unmasked(graph), graph);
    assert.equal(same, false);
    assert.ok(rounded < 1e-4, `${rounded}`);
  });

  test('are others where lengths are heeded, and a weight is another', async () => {
    const [graph, other] = [1, 2].map((factor) => ofLengths(factor));
    const { same } = await likenessTo(other, graph);
    assert.equal(same, false);
  });

  test('are those of the original where a rounding of its inputs does as much', async () => {
    const { same, difference, rounded = 0 } = await likenessTo(chaotic(1 + 2 ** -22), chaotic(1));
    assert.ok(difference > 1e-3, `${difference}`);
    assert.ok(rounded > 1e-3, `${rounded}`);
    assert.equal(same, true);
  });

  test('are others where a rounding takes the original beyond all numbers', async () => {
    const graph: Graph = {
      inputs: [{ name: 'x', shape: [null, 2], dtype: 'float32' }],
      nodes: [{ op: 'Scale', inputs: ['x'], outputs: ['y'], origin: 'same', factor: 1 }],
      outputs: [{ name: 'y' }],
    };
    const largest = (2 - 2 ** -23) * 2 ** 127;
    const outputs = { shape: [1, 2], data: Float32Array.of(largest, 1) };
    const original = { engine: '', notes: [], inputs: [outputs], outputs, steps: 1 };
    const other = { shape: [1, 2], data: Float32Array.of(largest, largest) };
    const likeness = await sameness(graph, original, other, {});
    assert.equal(likeness?.rounded, Number.POSITIVE_INFINITY);
    assert.equal(likeness?.same, false);
  });

  test('tell nothing where the original puts out no number', async () => {
    const graph = scaled(masked, Number.NaN);
    const original = await paddedOutputs(graph);
    assert.ok(original);
    assert.equal(await sameness(graph, original, await outputsOn(original, graph), {}), undefined);
  });
});
