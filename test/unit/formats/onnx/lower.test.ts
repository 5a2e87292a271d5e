// What becomes of ONNX graphs: where the batch lies and what vanishes.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Graph } from '../../../../extension/model/graph.ts';
import { attribute, int64Tensor, node, tensor, tensorTypes, value } from '../../../support/onnxFile.ts';
import { packedVarints } from '../../../support/protobuf.ts';
import { graphOf, lowered, lstm, type Parts, refusal, squeeze, turn } from './lowerParts.ts';

const operators = ({ nodes }: Graph) => nodes.map(({ op }) => op);

describe('an ONNX graph', () => {
  test('has known numbers as they are cast: truths are 0 and 1, whole numbers have no fractions', async () => {
    for (const [to, expected] of [
      [9, [1, 1]],
      [7, [2, 0]],
    ] as const) {
      const { nodes } = await graphOf({
        nodes: [
          turn('x', 'xt'),
          lstm('xt'),
          squeeze,
          node('Cast', ['two'], ['whole'], [attribute('to', to)]),
          node('Cast', ['whole'], ['float'], [attribute('to', 1)]),
          node('Mul', ['y', 'float'], ['z']),
        ],
        outputs: ['z'],
        initializers: [tensor('two', [2], [2, 0.5])],
      });
      const constant = nodes.find(({ op }) => op === 'Constant');
      assert.deepEqual([...(constant?.op === 'Constant' ? constant.value.data : [])], expected);
    }
  });

  test('puts out the upper limit of a Clip everywhere where its limits cross', async () => {
    const clip = node('Clip', ['y', 'low', 'high'], ['z']);
    const { nodes } = await graphOf({
      nodes: [turn('x', 'xt'), lstm('xt'), squeeze, clip],
      outputs: ['z'],
      initializers: [tensor('low', [], [0.5]), tensor('high', [], [0.25])],
    });
    const [last] = nodes.slice(-1);
    assert.ok(last.op === 'Activation');
    assert.deepEqual(last.activation, { op: 'Clip', alpha: 0.25, beta: 0.25 });
  });

  test('loses the nodes that only turn axes about', async () => {
    const made = await graphOf({
      nodes: [turn('x', 'xt'), lstm('xt'), squeeze, turn('y', 'z')],
      outputs: ['z'],
    });
    assert.deepEqual(operators(made), ['LSTM']);
    assert.deepEqual(made.inputs[0].shape, [null, null, 3]);
    assert.equal(made.outputs[0].name, made.nodes[0].outputs[0]);
  });

  for (const [name, dims, shape] of [
    ['named', ['time', 'batch', 3], [null, null, 3]],
    ['not named', ['a', 'b', 3], [null, null, 3]],
    ['a number', [7, 1, 3], [null, 7, 3]],
  ] as const) {
    test(`has its batch where the recurrent node has it: ${name}`, async () => {
      const made = await graphOf({ nodes: [lstm('x'), squeeze], inputs: [value('x', dims)] });
      assert.deepEqual(operators(made), ['LSTM']);
      assert.deepEqual(made.inputs[0].shape, shape);
    });
  }

  test('of one sequence without a batch takes a batch of sequences', async () => {
    const made = await graphOf({
      nodes: [node('Unsqueeze', ['x', 'axes'], ['xb']), lstm('xb'), squeeze],
      inputs: [value('x', ['steps', 3])],
    });
    assert.deepEqual(made.inputs[0].shape, [null, null, 3]);
    assert.deepEqual(operators(made), ['LSTM']);
  });

  test('takes the last step from the layer itself', async () => {
    const made = await graphOf({
      nodes: [
        turn('x', 'xt'),
        lstm('xt'),
        squeeze,
        node('Gather', ['y', 'minus'], ['z'], [attribute('axis', 0)]),
      ],
      outputs: ['z'],
      initializers: [int64Tensor('minus', [], [-1])],
    });
    assert.deepEqual(operators(made), ['LSTM']);
    assert.equal(made.outputs[0].name, made.nodes[0].outputs[1]);
  });

  test('begins at 0 where the file says so, and those zeros are no weights', async () => {
    const zeros = tensor('zeros', [1, 4, 2], new Array(8).fill(0));
    const parts = {
      nodes: [turn('x', 'xt'), lstm('xt', '', 'zeros', 'zeros'), squeeze],
      initializers: [zeros],
    };
    const { graph: made, parameters } = await lowered(parts);
    assert.deepEqual(made?.nodes[0].inputs.length, 1);
    assert.deepEqual(parameters, ['W', 'R', 'B']);
  });

  test('has one length for all samples where the file says so, and is refused where it says one for each place', async () => {
    const ofLengths = (...lengths: number[]): Parts => ({
      nodes: [turn('x', 'xt'), lstm('xt', 'lengths'), squeeze],
      initializers: [tensor('lengths', [2], packedVarints(5, lengths), tensorTypes.int32)],
    });
    const { nodes } = await graphOf(ofLengths(4, 4));
    const [constant, each, mask, layer] = nodes;
    assert.ok(constant.op === 'Constant' && layer.op === 'LSTM');
    assert.deepEqual([...constant.value.data], [4]);
    assert.deepEqual([each.inputs[0], mask.inputs[0]], [constant.outputs[0], each.outputs[0]]);
    assert.equal(layer.mask, mask.outputs[0]);
    assert.deepEqual((await refusal(ofLengths(4, 3))).cause, { code: 'reasonLengthsByPlace', args: {} });
  });

  test('puts out what an ArgMax at the end picks from', async () => {
    const made = await graphOf({
      nodes: [turn('x', 'xt'), lstm('xt'), squeeze, node('ArgMax', ['y'], ['class'], [attribute('axis', 2)])],
      outputs: ['class'],
    });
    assert.deepEqual(operators(made), ['LSTM']);
    assert.equal(made.outputs.length, 1);
    const args = { operator: 'ArgMax', output: 'class' };
    assert.deepEqual(made.assumptions, [{ code: 'noteEndLeftOut', args }]);
  });

  test('says where the file computes in another type than float32', async () => {
    const nodes = [turn('x', 'xt'), lstm('xt'), squeeze];
    const inputs = [value('x', ['batch', 'steps', 3], tensorTypes.float16)];
    const { assumptions } = await graphOf({ nodes, inputs });
    assert.deepEqual(assumptions, [{ code: 'noteComputedAround', args: { types: 'float16' } }]);
    assert.equal((await graphOf({ nodes })).assumptions, undefined);
  });

  test('rounds where ONNX Runtime leaves float16: what goes in and out, and what several nodes only move', async () => {
    const moved = node('Squeeze', ['Y', 'axes'], ['moved']);
    const after = (from: string) => node('Relu', [from], ['y']);
    const graphs = {
      one: [moved, after('moved')],
      several: [moved, turn('moved', 'turned'), after('turned')],
    };
    const roundedIn = async (nodes: readonly Buffer[], type: number) => {
      const inputs = [value('x', ['batch', 'steps', 3], type)];
      const made = await graphOf({ nodes: [turn('x', 'xt'), lstm('xt'), ...nodes], inputs });
      return made.nodes.flatMap(({ op, half }) =>
        half?.only ? [[op, half.only.inputs, half.only.outputs]] : [],
      );
    };
    const end = ['Activation', [], true];
    assert.deepEqual(await roundedIn(graphs.one, tensorTypes.float16), [['LSTM', ['x'], false], end]);
    assert.deepEqual(await roundedIn(graphs.several, tensorTypes.float16), [['LSTM', ['x'], true], end]);
    assert.deepEqual(await roundedIn(graphs.several, tensorTypes.float32), []);
  });

  test('rounds what is normalized, but where that stands alone between what is computed in float32', async () => {
    const normalized = (from: string, to: string) => node('LayerNormalization', [from, 'gamma'], [to]);
    const relu = (from: string, to: string) => node('Relu', [from], [to]);
    const roundedIn = async (nodes: readonly Buffer[]) => {
      const inputs = [value('x', ['batch', 'steps', 3], tensorTypes.float16)];
      const initializers = [tensor('gamma', [2], [1, 2])];
      const made = await graphOf({ nodes: [turn('x', 'xt'), lstm('xt'), ...nodes], inputs, initializers });
      const found = made.nodes.find(({ op }) => op === 'LayerNormalization') ?? assert.fail();
      return found.half?.only?.outputs && found.half.only.inputs.length === found.inputs.length;
    };
    const moved = node('Squeeze', ['Y', 'axes'], ['moved']);
    assert.equal(await roundedIn([moved, normalized('moved', 'normed'), relu('normed', 'y')]), true);
    assert.equal(
      await roundedIn([moved, relu('moved', 'r'), normalized('r', 'n'), relu('n', 'y')]),
      undefined,
    );
    assert.equal(await roundedIn([moved, relu('moved', 'r'), normalized('r', 'y')]), true);
  });

  test('is judged by its sequence where it puts out states as well', async () => {
    const made = await graphOf({ nodes: [turn('x', 'xt'), lstm('xt'), squeeze], outputs: ['Yh', 'y'] });
    const [first] = made.outputs;
    assert.equal(first.name, made.nodes[0].outputs[0]);
    assert.equal(made.outputs.length, 2);
  });

  test('counts a product’s bias to the product, and keeps a matrix as it lies', async () => {
    const made = await graphOf({
      nodes: [
        turn('x', 'xt'),
        lstm('xt'),
        squeeze,
        node('Transpose', ['dense'], ['turned']),
        node('MatMul', ['y', 'turned'], ['m']),
        node('Add', ['bias', 'm'], ['z']),
      ],
      outputs: ['z'],
      initializers: [
        tensor('dense', [5, 2], new Array(10).fill(1)),
        tensor('bias', [5], new Array(5).fill(1)),
      ],
    });
    const [, dense] = made.nodes;
    assert.ok(dense.op === 'MatMul' && dense.transposed && dense.bias?.name === 'bias');
    assert.equal(made.nodes.length, 2);
  });
});
