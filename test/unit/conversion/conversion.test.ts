// Graphs are written in each format and read again by our own readers, which others' models pin: the engine must compute the same of both.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { writeConverted } from '../../../extension/conversion/convert.ts';
import { createSession } from '../../../extension/engine/createSession.ts';
import { openModel } from '../../../extension/formats/open.ts';
import { type Graph, isRecurrent } from '../../../extension/model/graph.ts';
import type { Tensor } from '../../../extension/model/tensor.ts';
import { type ConversionTarget, conversionTargets } from '../../../extension/protocol/conversion.ts';
import { type Message, messages } from '../../../extension/protocol/messages.ts';
import { type ConversionCase, conversionCases } from '../../support/conversionGraphs.ts';
import { pickedCases } from '../../support/pickedSteps.ts';
import { scratchFiles } from '../../support/scratch.ts';
import { messageFrom } from '../../support/throwsCode.ts';
import { windowCases } from '../../support/windowGraphs.ts';
import { assertClose } from '../engine/compute.ts';
import { shareThreads } from '../engine/shareThreads.ts';

shareThreads();

const root = dirname(scratchFiles()('x', ''));
let count = 0;
const windows = windowCases();
const cases = [...conversionCases(), ...windows];

async function outputsOf(graph: Graph, inputs: readonly Tensor[]): Promise<Tensor[]> {
  const session = await createSession(graph);
  try {
    return await session.observe(
      inputs,
      graph.outputs.map(({ name }) => name),
    );
  } finally {
    await session.dispose();
  }
}

function placeOf(target: ConversionTarget): string {
  return join(root, `${count++}${target === 'tfjs' ? '' : conversionTargets[target].ending}`);
}

/** Writes a case and asserts that what is read again computes the same. */
async function assertSame(target: ConversionTarget, { graph, inputs }: ConversionCase): Promise<void> {
  const path = placeOf(target);
  await writeConverted(target, path, graph);
  const model = await openModel(path);
  try {
    assert.ok(model.graph, JSON.stringify(model.notEvaluable));
    const given = model.graph.inputs.map(
      ({ name }) => inputs[graph.inputs.findIndex((one) => one.name === name)],
    );
    const [found, expected] = [await outputsOf(model.graph, given), await outputsOf(graph, inputs)];
    assert.equal(found.length, expected.length);
    for (const [i, { shape, data }] of expected.entries()) assertClose(found[i], shape, [...data], 1e-6);
  } finally {
    await model.close();
  }
}

/** One output, where only so many can be read again. */
function firstOutput({ name, graph, inputs }: ConversionCase): ConversionCase {
  return { name, graph: { ...graph, outputs: graph.outputs.slice(0, 1) }, inputs };
}

describe('as ONNX', () => {
  for (const one of cases) {
    test(`${one.name} is read again with the same outputs`, () =>
      assertSame('onnx', / of lengths/.test(one.name) ? firstOutput(one) : one));
  }
});

/** What both know, and what Keras alone knows. */
const inBoth = [
  'LSTM to classes (biases 1)',
  'GRU to classes (biases 1)',
  'RNN to classes (Relu, biases 1)',
  'LSTM to classes (Softsign, biases 2)',
  'LSTM to classes (reverse, biases 1)',
  'embedding that masks, a class a step',
  'encoder and decoder',
  'one layer for two inputs',
  'LSTM to classes (HardSigmoid, biases 1)',
  'an LSTM with diagonal recurrent matrices',
  'an LSTM with an auxiliary input',
  ...pickedCases().flatMap(({ name }) =>
    /free length/.test(name) && /last step|within/.test(name) ? [] : [name],
  ),
  ...windows.flatMap(({ name, apart }) => (apart ? [] : [name])),
];
const inKeras = [
  ...inBoth,
  ...windows.flatMap(({ name, apart }) => (apart && !/each step/.test(name) ? [name] : [])),
  'GRU to classes (linearBeforeReset, biases 2)',
  'the last step of both directions, of free length',
  'the last step of each direction, of free length',
  'a step within, of free length',
];

/** Layers, and what they do that no layer of the format does. */
const refused: Record<string, readonly [what: string, keras: boolean, tfjs: boolean]> = {
  'an LSTM with peepholes': ['peepholes', true, true],
  'an LSTM with a projection': ['a projection', true, true],
  'an LSTM with layer normalization of gates': ['layer normalization of gates', true, true],
  'an LSTM whose sums are clipped': ['clipping', true, true],
  'an LSTM with an activation of the cell state alone': [
    'the activation {name} of the cell state alone',
    true,
    true,
  ],
  'a GRU with the reset behind the product': ['reset_after', false, true],
  'the last step of both directions, of free length': ['one step of a sequence of free length', false, true],
  'masked LSTM, a class a step': ['a mask that its layers would not hand on', true, true],
  'masked RNN, a class a step': ['a mask that its layers would not hand on', true, true],
  'an LSTM whose sums are clipped, of lengths': ['a mask by the lengths of sequences', true, true],
  'a convolution padded unevenly': ['padding by other lengths', false, true],
  'a convolution within each step, padded unevenly': ['padding by other lengths', true, true],
  'a mean that counts the padding': ['padding by other lengths', false, true],
};

for (const [target, names] of [
  ['keras', inKeras],
  ['tfjs', inBoth],
] as const) {
  describe(`as a model of ${conversionTargets[target].label}`, () => {
    const named = (name: string) => {
      const found = cases.find((one) => one.name === name);
      assert.ok(found, name);
      return found;
    };
    for (const name of names) {
      test(`${name} is read again with the same outputs`, () => assertSame(target, named(name)));
    }
    for (const [name, [what, keras, tfjs]] of Object.entries(refused)) {
      if (!(target === 'keras' ? keras : tfjs)) continue;
      test(`${name} is refused, naming the layer and ${what}`, async () => {
        const path = placeOf(target);
        const message = await messageFrom(() => writeConverted(target, path, named(name).graph));
        assert.equal(message.code, 'conversionImpossible');
        const { what: found } = message.args as { what: string | Message };
        assert.equal(typeof found === 'string' ? found : messages[found.code], what);
        assert.match((message.args as { layer: string }).layer, /^(layer\d+|lengths|row|windows)$/);
        assert.equal(existsSync(path), false);
      });
    }
  });
}

test('a layer that reads a free number of features is refused, as Keras could not make its weights', async () => {
  const { graph } = cases.find(({ name }) => name === 'LSTM to classes (biases 1)') as ConversionCase;
  const inputs = graph.inputs.map((input) => ({ ...input, shape: input.shape.with(-1, null) }));
  const path = placeOf('keras');
  const { code, args } = await messageFrom(() => writeConverted('keras', path, { ...graph, inputs }));
  assert.equal(code, 'conversionImpossible');
  assert.deepEqual(args?.what, { code: 'optionFreeFeatures', args: {} });
  assert.equal(existsSync(path), false);
});

test('layers that keep their states are written as such, with the batch that they need, where the format knows it', async () => {
  const [{ graph, inputs, name }] = conversionCases();
  const keeping: Graph = {
    ...graph,
    inputs: graph.inputs.map((input) => ({ ...input, batch: 5 })),
    nodes: graph.nodes.map((node) => (isRecurrent(node) ? { ...node, stateful: true } : node)),
  };
  for (const target of ['keras', 'tfjs'] as const) {
    const path = placeOf(target);
    await writeConverted(target, path, keeping);
    const model = await openModel(path);
    await model.close();
    assert.equal(model.graph?.inputs[0].batch, 5);
    assert.ok(model.graph.nodes.filter(isRecurrent).every(({ stateful }) => stateful));
    assert.equal(model.graph.assumptions?.[0].code, 'noteStatesReset');
  }
  for (const target of ['onnx', 'keras', 'tfjs'] as const)
    await assertSame(target, { name, graph: keeping, inputs });
});

test('what is masked and trained is converted, not what the file has', async () => {
  const [{ graph, inputs, name }] = conversionCases();
  const before = await outputsOf(graph, inputs);
  const node = graph.nodes.find(({ op }) => op === 'LSTM');
  assert.ok(node?.op === 'LSTM');
  const { parameter } = node.layer.gates[0].kernel;
  parameter.trained = (await parameter.read()).map((value) => value + 1);
  parameter.mask = Uint8Array.from(parameter.trained, (_, i) => i % 2);
  const after = await outputsOf(graph, inputs);
  assert.ok(before[0].data.some((value, i) => Math.abs(value - after[0].data[i]) > 1e-3));
  for (const target of ['onnx', 'keras', 'tfjs'] as const) await assertSame(target, { name, graph, inputs });
});
