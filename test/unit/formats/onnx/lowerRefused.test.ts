// ONNX graphs that are refused by name.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  attribute,
  graph,
  int64Tensor,
  node,
  tensor,
  tensorTypes,
  value,
} from '../../../support/onnxFile.ts';
import { graphOf, lstm, refusal, squeeze, turn } from './lowerParts.ts';

describe('an ONNX graph', () => {
  test('names the operator that is missing', async () => {
    const message = await refusal({
      nodes: [turn('x', 'xt'), lstm('xt'), squeeze, node('Det', ['y'], ['z'], [], { name: 'end' })],
      outputs: ['z'],
    });
    assert.deepEqual(message, {
      code: 'operatorUnsupported',
      args: { node: 'end', operator: 'Det', opset: 17 },
    });
  });

  for (const name of ['constructor', '__proto__'])
    test(`is refused where a cell's activation is called ${name}, as something of every object of JavaScript's is`, async () => {
      const attributes = [attribute('hidden_size', 2), attribute('activations', [name, 'Tanh', 'Tanh'])];
      const cell = node('LSTM', ['xt', 'W', 'R', 'B'], ['Y'], attributes, { name: 'lstm' });
      const message = await refusal({ nodes: [turn('x', 'xt'), cell, squeeze] });
      assert.deepEqual(message.cause, { code: 'reasonAttribute', args: { name: 'activations' } });
    });

  test('is refused where data decides between the branches of an If', async () => {
    const body = graph({ nodes: [lstm('xt')], outputs: [value('Y', [])] });
    const choice = node(
      'If',
      ['c'],
      ['Y'],
      [attribute('then_branch', { graph: body }), attribute('else_branch', { graph: body })],
      { name: 'choice' },
    );
    const message = await refusal({
      nodes: [turn('x', 'xt'), choice, squeeze],
      inputs: [value('x', ['batch', 'steps', 3]), value('c', [])],
    });
    assert.equal(message.code, 'operatorUseUnsupported');
    assert.deepEqual(message.args, { node: 'choice', operator: 'If' });
  });

  test('is refused where it mixes the samples of a batch', async () => {
    const mean = node('ReduceMean', ['y'], ['z'], [attribute('axes', [1])], { name: 'mean' });
    const message = await refusal({ nodes: [turn('x', 'xt'), lstm('xt'), squeeze, mean], outputs: ['z'] });
    assert.deepEqual(message, {
      code: 'operatorUseUnsupported',
      args: { node: 'mean', operator: 'ReduceMean' },
      cause: { code: 'reasonMixesSamples', args: {} },
    });
  });

  test('is refused where it normalizes each step of a video by itself, as of images, or over the batch', async () => {
    const normalize = node('InstanceNormalization', ['i', 'gamma', 'beta'], ['n'], [], { name: 'norm' });
    const initializers = ['gamma', 'beta'].map((name) => tensor(name, [2], [1, 1]));
    const shape = (name: string, dims: number[]) => int64Tensor(name, [dims.length], dims);
    const steps = await refusal({
      nodes: [
        node('Reshape', ['x', 'images'], ['i']),
        normalize,
        node('Reshape', ['n', 'frames'], ['s']),
        turn('s', 'xt'),
        lstm('xt'),
        squeeze,
      ],
      inputs: [value('x', ['batch', 4, 2, 3])],
      initializers: [...initializers, shape('images', [-1, 2, 3]), shape('frames', [-1, 8, 3])],
    });
    assert.deepEqual(steps.cause, { code: 'reasonPartsAsSamples', args: {} });
    const batch = await refusal({
      nodes: [node('Transpose', ['x'], ['i'], [attribute('perm', [2, 1, 0])]), normalize, lstm('n'), squeeze],
      inputs: [value('x', ['batch', 2, 3])],
      initializers,
    });
    assert.deepEqual(batch.cause, { code: 'reasonMixesSamples', args: {} });
  });

  for (const [name, ...all] of [
    ['strides', [0], [-1]],
    ['dilations', [0], [-1]],
    ['pads', [-1, 0], [0, -1], [2 ** 40, 0]],
  ] as const) {
    test(`is refused where the ${name} of a convolution or pooling are not those of windows`, async () => {
      for (const values of all) {
        const move = attribute(name, values);
        const kernel = tensor('K', [3, 3, 1], Array(9).fill(1));
        const pooling = node('MaxPool', ['xc'], ['p'], [attribute('kernel_shape', [1]), move]);
        for (const windows of [node('Conv', ['xc', 'K'], ['p'], [move]), pooling]) {
          const channels = (from: string, to: string, perm: number[]) =>
            node('Transpose', [from], [to], [attribute('perm', perm)]);
          const nodes = [
            channels('x', 'xc', [0, 2, 1]),
            windows,
            channels('p', 'xt', [2, 0, 1]),
            lstm('xt'),
            squeeze,
          ];
          const message = await refusal({ nodes, initializers: [kernel] });
          assert.deepEqual(message.cause, { code: 'reasonAttribute', args: { name } });
        }
      }
    });
  }

  test('leaves samples that are sorted by their lengths where they are, and is refused where they are not put back', async () => {
    const sorted = [
      node('Shape', ['lengths'], ['count']),
      node('TopK', ['lengths', 'count'], ['longest', 'order']),
      node('Gather', ['x', 'order'], ['xs']),
      turn('xs', 'xt'),
      node('Cast', ['longest'], ['lens'], [attribute('to', 6)]),
      lstm('xt', 'lens'),
      squeeze,
      turn('y', 'ys'),
    ];
    const inputs = [value('x', ['batch', 'steps', 3]), value('lengths', ['batch'], tensorTypes.int64)];
    const back = [
      node('TopK', ['order', 'count'], ['', 'places'], [attribute('largest', 0)]),
      node('Gather', ['ys', 'places'], ['z']),
    ];
    const whole = await graphOf({ nodes: [...sorted, ...back], inputs, outputs: ['z'] });
    assert.deepEqual(
      whole.nodes.map(({ op }) => op),
      ['LengthMask', 'LSTM'],
    );
    const left = await refusal({ nodes: [...sorted, node('Tanh', ['ys'], ['z'])], inputs, outputs: ['z'] });
    assert.deepEqual(left.cause, { code: 'reasonMixesSamples', args: {} });
    const met = node('Add', ['ys', 'x'], ['z']);
    const mixed = await refusal({ nodes: [...sorted, met], inputs, outputs: ['z'] });
    assert.deepEqual(mixed.cause, { code: 'reasonMixesSamples', args: {} });
  });

  for (const operator of ['Floor', 'Ceil', 'Not']) {
    test(`is refused where it applies ${operator} to what it computes, which is not taken for the values themselves`, async () => {
      const applied = node(operator, ['y'], ['z']);
      const message = await refusal({
        nodes: [turn('x', 'xt'), lstm('xt'), squeeze, applied],
        outputs: ['z'],
      });
      assert.equal(message.code, 'operatorUseUnsupported');
    });
  }

  test('is refused where a node asks for an axis that is not there', async () => {
    const softmax = node('Softmax', ['y'], ['z'], [attribute('axis', 5)], { name: 'end' });
    const message = await refusal({ nodes: [turn('x', 'xt'), lstm('xt'), squeeze, softmax], outputs: ['z'] });
    assert.deepEqual(message.cause, { code: 'reasonNoAxis', args: { axis: 5 } });
  });

  test('with two outputs that could be judged is refused', async () => {
    const tanh = node('Tanh', ['y'], ['z']);
    const message = await refusal({
      nodes: [turn('x', 'xt'), lstm('xt'), squeeze, tanh],
      outputs: ['y', 'z'],
    });
    assert.equal(message.code, 'outputsUnsupported');
  });

  test('is refused where a length that a node says stays free, as another has its name', async () => {
    const joined = [
      node('Concat', ['p', 'q'], ['pq'], [attribute('axis', 1)]),
      node('Reshape', ['pq', 'shape'], ['rows'], [], { name: 'rows' }),
      node('Relu', ['z'], ['zz']),
    ];
    const message = await refusal({
      nodes: [turn('x', 'xt'), lstm('xt'), squeeze, ...joined],
      inputs: [
        value('x', ['batch', 'steps', 3]),
        value('p', ['batch', 'a', 3]),
        value('q', ['batch', 'b', 3]),
        value('z', ['batch', '(a + b)', 3]),
      ],
      outputs: ['y', 'rows', 'zz'],
      initializers: [int64Tensor('shape', [2], [0, 12])],
    });
    assert.equal(message.cause?.code, 'reasonReshape');
  });
});
