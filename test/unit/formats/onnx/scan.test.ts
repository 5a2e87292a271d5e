// Recurrent layers that are told by what the body of a Scan computes, as ours are written where ONNX has no operator for them.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { writeConverted } from '../../../../extension/conversion/convert.ts';
import { createTrainingSession } from '../../../../extension/engine/createSession.ts';
import { onnx } from '../../../../extension/formats/onnx/onnx.ts';
import { type Graph, isRecurrent, type RecurrentNode } from '../../../../extension/model/graph.ts';
import type { Loss } from '../../../../extension/model/loss.ts';
import { optimizerDefaults } from '../../../../extension/model/optimizer.ts';
import { sizeOf } from '../../../../extension/model/parameter.ts';
import { withLoss } from '../../../../extension/training/lossGraph.ts';
import { conversionCases } from '../../../support/conversionGraphs.ts';
import { attribute, graph, int64Tensor, model, node, tensor, value } from '../../../support/onnxFile.ts';
import { gateValues, withOnnx } from '../../../support/openOnnx.ts';
import { scratchFiles } from '../../../support/scratch.ts';
import { messageFrom } from '../../../support/throwsCode.ts';
import { shareThreads } from '../../engine/shareThreads.ts';

shareThreads();

const write = scratchFiles();
const cases = conversionCases();
let files = 0;

/** A case of conversionGraphs.ts as ONNX. */
async function converted(
  name: string,
): Promise<{ path: string; original: Graph; inputs: (typeof cases)[number]['inputs'] }> {
  const found = cases.find((one) => one.name === name);
  assert.ok(found, name);
  const path = write(`${files++}`, '').concat('.onnx');
  await writeConverted('onnx', path, found.graph);
  return { path, original: found.graph, inputs: found.inputs };
}

function layerOf({ nodes }: Graph): RecurrentNode {
  const found = nodes.find(isRecurrent);
  assert.ok(found);
  return found;
}

/** How a layer computes, numbers as a file keeps them. */
function kind({
  op,
  layer,
  inputs,
  outputs,
  origin,
  mask,
  gateActivation,
  linearBeforeReset = false,
  ...how
}: RecurrentNode) {
  const own = {
    ...how,
    linearBeforeReset,
    masked: mask !== undefined,
    ...(op !== 'RNN' && { gateActivation }),
  };
  return JSON.parse(JSON.stringify(own), (_, one) => (typeof one === 'number' ? Math.fround(one) : one));
}

describe('a Scan whose body is a recurrent cell', () => {
  for (const name of [
    'an LSTM with a projection',
    'an LSTM with clips of its state and projection, masked',
    'an LSTM with peepholes, masked with zeros',
    'an LSTM without an input gate, backwards',
    'an LSTM of activations that ONNX does not know in cells',
    'a GRU with the reset behind the product, backwards',
    'a GRU with the reset before the product, masked',
    'an RNN whose sums are clipped, masked with zeros',
  ]) {
    test(`is the layer that was written, with its gates: ${name}`, async () => {
      const { path, original } = await converted(name);
      const expected = layerOf(original);
      await withOnnx(path, async (open) => {
        assert.ok(open.graph, JSON.stringify(open.notEvaluable));
        const found = layerOf(open.graph);
        assert.deepEqual(kind(found), kind(expected));
        assert.deepEqual(open.layers, [found.layer]);
        const sizes = ({ layer: { cell, inputSize, hiddenSize, projection } }: RecurrentNode) => [
          ...[cell, inputSize, hiddenSize],
          projection?.rows,
        ];
        assert.deepEqual(sizes(found), sizes(expected));
        const [own, its] = [await gateValues(found.layer), await gateValues(expected.layer)];
        for (const [gate, { kernel, recurrent, peephole }] of Object.entries(its))
          assert.deepEqual(
            [own[gate].kernel, own[gate].recurrent, own[gate].peephole],
            [kernel, recurrent, peephole],
          );
      });
    });
  }

  test('is found before it is opened', async () => {
    const { path } = await converted('an LSTM with a projection');
    const { recurrentLayers } = await onnx.probe(path);
    assert.equal(recurrentLayers.length, 1);
  });

  test('learns, and what is masked stays 0 in the file, where nothing but weights changes', async () => {
    const { path, inputs } = await converted('an LSTM with a projection, masked');
    const target = `${path}.pruned.onnx`;
    let changed = 0;
    await withOnnx(path, async (open) => {
      assert.ok(open.graph);
      const [{ gates }] = open.layers;
      for (const { parameter } of gates.flatMap(({ kernel, recurrent }) => [kernel, recurrent]))
        parameter.mask ??= Uint8Array.from({ length: sizeOf(parameter.shape) }, (_, i) => i % 2);
      const shape = [5, 7, 2];
      const targets = { shape, data: new Float32Array(sizeOf(shape)).fill(0.3) };
      const loss: Loss = { name: 'mean_squared_error', head: 'linear', width: 2, fromLogits: false };
      const { graph: learning } = withLoss(
        { ...open.graph, outputs: open.graph.outputs.slice(0, 1) },
        loss,
        targets,
      );
      const session = await createTrainingSession(learning, {
        optimizer: optimizerDefaults.adam,
        threads: 1,
      });
      try {
        const batch = { inputs: [...inputs, targets] };
        const first = await session.step(batch, { learningRate: 0.01 });
        let last = first;
        for (let i = 0; i < 10; i++) last = await session.step(batch, { learningRate: 0.01 });
        assert.ok(last.loss < first.loss, `the loss went from ${first.loss} to ${last.loss}`);
        for (const [parameter, values] of await session.weights()) {
          parameter.trained = values;
          changed += values.length * 4;
        }
      } finally {
        await session.dispose();
      }
      await open.save(target, { compress: false });
    });
    await withOnnx(target, async ({ layers: [{ gates }] }) => {
      for (const { kernel, recurrent } of gates)
        for (const { parameter } of [kernel, recurrent])
          assert.ok((await parameter.read()).every((value, i) => i % 2 === 1 || value === 0));
    });
    const [before, after] = [readFileSync(path), readFileSync(target)];
    assert.equal(after.length, before.length);
    const different = before.filter((byte, i) => byte !== after[i]).length;
    assert.ok(different > 0 && different <= changed, `${different} bytes differ`);
  });

  test('keeps its units, as lengths in the body are not restated', async () => {
    const { path } = await converted('an LSTM with a projection');
    await withOnnx(path, async (open) => {
      const message = await messageFrom(() => open.checkRebuild('shrink', []));
      assert.equal(message.code, 'shrinkUnsupported');
      assert.equal(message.cause?.code, 'reasonInBody');
    });
  });
});

describe('a Scan whose body is none', () => {
  const [H] = [2];
  const weights = [tensor('K', [3, H], [1, 2, 3, 4, 5, 6]), tensor('R', [H, H], [1, 2, 3, 4])];
  const products = [node('MatMul', ['step', 'K'], ['a']), node('MatMul', ['held', 'R'], ['b'])];
  const sum = node('Add', ['a', 'b'], ['sum']);
  const zeros = tensor('zeros', [1, H], [0, 0]);

  async function refusalOf(inner: readonly Buffer[], outputs: readonly [string, string]) {
    const body = graph({
      nodes: [...products, ...inner],
      inputs: [value('held', [1, H]), value('step', [1, 3])],
      outputs: outputs.map((name) => value(name, [])),
    });
    const scan = node(
      'Scan',
      ['zeros', 'x'],
      ['last', 'all'],
      [
        attribute('body', { graph: body }),
        attribute('num_scan_inputs', 1),
        attribute('scan_input_axes', [1]),
      ],
      { name: 'loop' },
    );
    const { W, R, B } = {
      W: tensor('W', [1, H, H], [1, 2, 3, 4]),
      R: tensor('R2', [1, H, H], [1, 2, 3, 4]),
      B: tensor('B', [1, 2 * H], [0, 0, 0, 0]),
    };
    // A layer that is one, so that the model is opened.
    const rnn = node('RNN', ['all', 'W', 'R2', 'B'], ['Y'], [attribute('hidden_size', H)], { name: 'rnn' });
    const file = model({
      nodes: [scan, rnn],
      inputs: [value('x', [1, 'steps', 3])],
      outputs: [value('Y', [])],
      initializers: [...weights, zeros, W, R, B, int64Tensor('axes', [1], [1])],
    });
    return withOnnx(write(`${files++}.onnx`, file), async ({ notEvaluable }) => notEvaluable);
  }

  test('is refused, naming it: what it carries is no state of a cell', async () => {
    const inner = [sum, node('Tanh', ['sum'], ['h']), node('Add', ['h', 'held'], ['more'])];
    const message = await refusalOf(inner, ['more', 'more']);
    assert.deepEqual(message, {
      code: 'operatorUseUnsupported',
      args: { node: 'loop', operator: 'Scan' },
      cause: { code: 'reasonNoCell', args: {} },
    });
  });

  test('is refused where the state goes on as what it puts out times the state', async () => {
    const inner = [sum, node('Tanh', ['sum'], ['h']), node('Mul', ['h', 'held'], ['more'])];
    assert.equal((await refusalOf(inner, ['more', 'h']))?.cause?.code, 'reasonNoCell');
  });

  test('is refused where it puts out something else than its state', async () => {
    const inner = [sum, node('Tanh', ['sum'], ['h']), node('Neg', ['h'], ['put'])];
    assert.equal((await refusalOf(inner, ['h', 'put']))?.cause?.code, 'reasonNoCell');
  });
});
