import assert from 'node:assert/strict';
import { test } from 'node:test';
import { areMaskedStepsRead } from '../../../extension/conversion/keras/maskedSteps.ts';
import type { Graph, GraphNode } from '../../../extension/model/graph.ts';
import { memoryLayer } from '../../support/memoryModel.ts';
import { seeded } from '../../support/random.ts';

const layer = memoryLayer({ inputSize: 3, hiddenSize: 3 }, seeded(1));
const activation = { op: 'Tanh' } as const;
const origin = 'layer';

function lstm(input: string, output: string, mask?: string): GraphNode {
  const own = { op: 'LSTM', layer, activation, gateActivation: activation, origin } as const;
  return { ...own, inputs: [input], outputs: [output], ...(mask !== undefined && { mask }) };
}

/** Of a graph that goes on with these nodes behind a masked layer, which puts out `h`, to `y`. */
function read(...nodes: GraphNode[]): boolean {
  const mask = { op: 'NotEqualMask', value: 0, overFeatures: true, origin } as const;
  const graph: Graph = {
    inputs: [{ name: 'x', shape: [null, 7, 3], dtype: 'float32' }],
    nodes: [{ ...mask, inputs: ['x'], outputs: ['mask'] }, lstm('x', 'h', 'mask'), ...nodes],
    outputs: [{ name: 'y' }],
  };
  return areMaskedStepsRead(graph, 'h', 'mask');
}

const dropped: GraphNode = { op: 'Dropout', rate: 0.5, inputs: ['h'], outputs: ['d'], origin };

test('what stands at masked steps is not read by layers with that mask', () => {
  assert.equal(read(lstm('h', 'y', 'mask')), false);
  assert.equal(read(dropped, lstm('d', 'y', 'mask')), false);
  assert.equal(read({ op: 'ReduceMean', mask: 'mask', inputs: ['h'], outputs: ['y'], origin }), false);
});

test('it is read by the output, and by what knows no mask or mixes the steps', () => {
  assert.equal(read({ op: 'Activation', activation, inputs: ['h'], outputs: ['y'], origin }), true);
  assert.equal(read(lstm('h', 'y')), true);
  const softmax = { op: 'Softmax', inputs: ['h'], outputs: ['s'], origin } as const;
  assert.equal(read({ ...softmax, axis: 1 }, lstm('s', 'y', 'mask')), true);
  assert.equal(read({ ...softmax, axis: -1 }, lstm('s', 'y', 'mask')), false);
  assert.equal(read({ op: 'ReduceMean', inputs: ['h'], outputs: ['y'], origin }), true);
  assert.equal(
    read(lstm('h', 'g', 'mask'), { op: 'Mean', inputs: ['h', 'g'], outputs: ['y'], origin }),
    true,
  );
});
