import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cpuEngine } from '../../../extension/engine/cpu/engine.ts';
import { createSession, createTrainingSession } from '../../../extension/engine/createSession.ts';
import { graphSession } from '../../../extension/engine/graphSession.ts';
import { lstmSlowness } from '../../../extension/engine/tensorflow/lstm.ts';
import type { Graph, RecurrentNode } from '../../../extension/model/graph.ts';
import { auxiliarySize } from '../../../extension/model/recurrentLayer.ts';
import { fill } from '../../../extension/protocol/labels.ts';
import { word } from '../../../extension/protocol/wording.ts';
import { type LayerOptions, memoryLayer } from '../../support/memoryModel.ts';
import { seeded } from '../../support/random.ts';
import { trainingCases } from '../../support/trainingGraphs.ts';

const plain: RecurrentNode = {
  op: 'LSTM',
  layer: memoryLayer({ inputSize: 3, hiddenSize: 3 }, seeded(1)),
  inputs: ['x'],
  outputs: ['y'],
  origin: 'first',
  activation: { op: 'Tanh' },
  gateActivation: { op: 'Sigmoid' },
};
const odd: RecurrentNode = { ...plain, activation: { op: 'Softsign' } };
const graphOf = (...nodes: RecurrentNode[]): Graph => ({
  inputs: [{ name: 'x', shape: [null, null, 3], dtype: 'float32' }],
  nodes: nodes.map((node, n) => {
    const input = n === 0 ? 'x' : `y${n - 1}`;
    const inputs = auxiliarySize(node.layer) > 0 ? [input, input] : [input];
    return { ...node, inputs, outputs: [`y${n}`] };
  }),
  outputs: [{ name: `y${nodes.length - 1}` }],
});

test('layers that the kernels have no activation for are named with the reason, all in one note', async () => {
  const session = await createSession(
    graphOf(odd, { ...plain, origin: 'second' }, { ...odd, origin: 'third' }),
  );
  await session.dispose();
  assert.deepEqual(
    session.notes.map((note) => word(note, fill)),
    [
      'Computed step by step, and so more slowly: "first", "third" (the kernels of the WebAssembly engine do not have the activation Softsign).',
    ],
  );
});

test('what the kernels of whole layers do not have beside the plain cell is named', async () => {
  const layer = (of: Partial<LayerOptions>) => memoryLayer({ inputSize: 3, hiddenSize: 3, ...of }, seeded(1));
  const further: [string, RecurrentNode][] = [
    ['a projection', { ...plain, layer: layer({ projection: 3 }) }],
    ['peepholes', { ...plain, layer: layer({ peepholes: true }) }],
    ['layer normalization of gates', { ...plain, layer: layer({ normalized: true }) }],
    ['diagonal recurrent matrices', { ...plain, layer: layer({ diagonal: true }) }],
    ['an auxiliary input', { ...plain, layer: layer({ auxiliary: 3 }) }],
    ['clipping', { ...plain, clip: 3 }],
    ['clipping', { ...plain, cellClip: 3 }],
    ['an input gate coupled to the forget gate', { ...plain, inputForget: true }],
    ['an input gate coupled to the forget gate', { ...plain, layer: layer({ coupled: true }) }],
    ['the activation Relu of the cell state alone', { ...plain, outputActivation: { op: 'Relu' } }],
  ];
  for (const [option, node] of further) {
    const session = await createSession(graphOf(node));
    await session.dispose();
    const [note] = session.notes.map((one) => word(one, fill));
    assert.ok(note?.includes(`do not have ${option})`), `${option}: ${note}`);
    assert.equal(lstmSlowness(node, 'forward')?.code, 'reasonOnlyPlainLstm');
  }
  const same = await createSession(graphOf({ ...plain, outputActivation: { op: 'Tanh' } }));
  await same.dispose();
  assert.deepEqual(same.notes, []);
});

test('a training says it too, and what the kernels have is not mentioned', async () => {
  for (const { name, graph } of trainingCases()) {
    const session = await createTrainingSession(graph, {
      optimizer: { name: 'sgd', momentum: 0, nesterov: false },
    });
    await session.dispose();
    const codes = session.notes.map(({ code }) => code);
    assert.deepEqual(codes, name.includes('Softsign') ? ['noteLayersSlow'] : [], name);
  }
});

test('the plain engine, which is slow throughout, names no layer', async () => {
  const session = await graphSession(graphOf(odd), cpuEngine, []);
  await session.dispose();
  assert.deepEqual(session.notes, []);
});

test('TensorFlow has whole layers only for plain LSTMs, and drops of the state only while training', () => {
  assert.equal(lstmSlowness(plain, 'training'), undefined);
  const dropping = { ...plain, recurrentDropout: 0.2 };
  assert.equal(lstmSlowness(dropping, 'forward'), undefined);
  for (const node of [
    dropping,
    odd,
    { ...plain, mask: 'mask' },
    { ...plain, op: 'GRU' } as RecurrentNode,
    { ...plain, gateActivation: { op: 'HardSigmoid' } as const },
  ]) {
    assert.equal(lstmSlowness(node, 'training')?.code, 'reasonOnlyPlainLstm');
  }
});
