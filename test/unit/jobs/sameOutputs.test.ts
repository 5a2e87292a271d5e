import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { paddedOutputs, sameness } from '../../../extension/jobs/sameOutputs.ts';
import { type Graph, isRecurrent } from '../../../extension/model/graph.ts';
import { outputsOn } from '../../../extension/training/compareOutputs.ts';
import { conversionCases } from '../../support/conversionGraphs.ts';
import { shareThreads } from '../engine/shareThreads.ts';

shareThreads();

const name = 'embedding that masks, a class a step';
const masked = conversionCases().find((one) => one.name === name)?.graph;
assert.ok(masked, name);

async function likenessTo(other: Graph, graph = masked as Graph) {
  const original = await paddedOutputs(graph);
  assert.ok(original);
  return sameness(graph, original, await outputsOn(original, other), {});
}

describe('the outputs of a conversion', () => {
  test('are those of the original where it computes the same', async () => {
    assert.deepEqual(await likenessTo(masked), { same: true, difference: 0 });
  });

  test('are others where it heeds no mask, in whatever steps that shows', async () => {
    const nodes = masked.nodes.map((node) => (isRecurrent(node) ? { ...node, mask: undefined } : node));
    const { same, difference } = await likenessTo({ ...masked, nodes } as Graph);
    assert.equal(same, false);
    assert.ok(difference > 0.01, `${difference}`);
  });

  test('are others however small all outputs are', async () => {
    const scaled = (graph: Graph, factor: number): Graph => {
      const [{ name: output }] = graph.outputs;
      const last = { op: 'Scale', factor, inputs: [output], outputs: ['scaled'], origin: 'scaled' } as const;
      return { ...graph, nodes: [...graph.nodes, last], outputs: [{ name: 'scaled' }] };
    };
    const { same } = await likenessTo(scaled(masked, 1.001e-6), scaled(masked, 1e-6));
    assert.equal(same, false);
  });
});
