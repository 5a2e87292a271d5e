// Operations of Keras 3 over one tensor, as nodes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GraphNode } from '../../../extension/model/graph.ts';
import { arrays, loweredModel, recurrent } from './lowered.ts';

type Shape = (number | null)[];

interface Operation {
  readonly config?: Record<string, unknown>;
  /** Of the tensor. */
  readonly shape?: Shape;
  readonly args?: (tensor: object) => unknown[];
  readonly module?: string;
}

/** The nodes of an operation over an input, beside which stands a recurrent layer, since every model has one. */
async function lowerOne(className: string, { config = {}, shape = [null, 4, 3], args, module }: Operation) {
  const input = (name: string, of: Shape) => ({
    class_name: 'InputLayer',
    name,
    config: { name, batch_shape: of, dtype: 'float32' },
    inbound_nodes: [],
  });
  const tensor = (name: string, of: Shape) => ({
    class_name: '__keras_tensor__',
    config: { shape: of, dtype: 'float32', keras_history: [name, 0, 0] },
  });
  const call = (...given: unknown[]) => [{ args: given, kwargs: {} }];
  const rnn = {
    ...recurrent('GRU', { trainable: true }),
    name: 'rnn',
    inbound_nodes: call(tensor('s', [null, 4, 3])),
  };
  const operation = {
    ...(module !== undefined && { module, registered_name: className }),
    class_name: className,
    name: 'operation',
    config: { name: 'operation', ...config },
    inbound_nodes: call(...(args?.(tensor('x', shape)) ?? [tensor('x', shape)])),
  };
  const model = {
    name: 'model',
    layers: [input('x', shape), input('s', [null, 4, 3]), rnn, operation],
    input_layers: [
      ['x', 0, 0],
      ['s', 0, 0],
    ],
    output_layers: [['operation', 0, 0]],
  };
  return loweredModel({ class_name: 'Functional', config: model }, { rnn: arrays('GRU', 3) }, '3.15.0');
}

/** A node without its names. */
function bare({ inputs, outputs, origin, ...rest }: GraphNode): object {
  return rest;
}

const free: Shape = [null, null, 3];
const lowered: [className: string, Operation, object][] = [
  ['Tanh', {}, { op: 'Activation', activation: { op: 'Tanh' } }],
  ['Gelu', { config: { approximate: false } }, { op: 'Activation', activation: { op: 'Gelu' } }],
  [
    'Clip',
    { config: { x_min: -1, x_max: 2 } },
    { op: 'Activation', activation: { op: 'Clip', alpha: -1, beta: 2 } },
  ],
  [
    'ReLU',
    { config: { max_value: 3 }, module: 'keras.src.activations.activations' },
    { op: 'Activation', activation: { op: 'Clip', alpha: 0, beta: 3 } },
  ],
  ['Softmax', { config: { axis: 1 } }, { op: 'Softmax', axis: 1 }],
  ['LogSoftmax', {}, { op: 'LogSoftmax', axis: 2 }],
  ['Negative', {}, { op: 'Scale', factor: -1 }],
  ['Square', {}, { op: 'Mul' }],
  ['ExpandDims', { config: { axis: -1 } }, { op: 'Reshape', shape: [4, 3, 1] }],
  ['ExpandDims', { config: { axis: 1 }, shape: free }, { op: 'Reshape', shape: [1, -1, 3] }],
  ['Squeeze', { config: { axis: -2 }, shape: [null, 1, 3] }, { op: 'Select', axis: 1, index: 0 }],
  ['Reshape', { config: { newshape: [-1, 2, 6] } }, { op: 'Reshape', shape: [2, 6] }],
  ['Transpose', { config: { axes: [0, 2, 1] } }, { op: 'Transpose', permutation: [0, 2, 1] }],
  ['Transpose', { config: { axes: [0, -1, 1] } }, { op: 'Transpose', permutation: [0, 2, 1] }],
  ['Transpose', { config: { axes: [-3, 1, 2] } }, { op: 'Transpose', permutation: [0, 1, 2] }],
  ['Swapaxes', { config: { axis1: -1, axis2: 1 } }, { op: 'Transpose', permutation: [0, 2, 1] }],
  ['Flip', { config: { axis: 1 } }, { op: 'Reverse' }],
  ['Mean', { config: { axis: 1, keepdims: false } }, { op: 'ReduceMean' }],
  ['Max', { config: { axis: -2, keepdims: true, initial: null } }, { op: 'ReduceMax', keepAxis: true }],
  ['Sum', { config: { axis: 1 } }, { op: 'Reduce', by: 'Sum', axes: [1] }],
  [
    'Amin',
    { config: { axis: [-1, 1], keepdims: true } },
    { op: 'Reduce', by: 'Min', axes: [2, 1], keepAxes: true },
  ],
];
for (const [className, operation, expected] of lowered) {
  test(`${className} ${JSON.stringify(operation)} is ${JSON.stringify(expected)}`, async () => {
    const { nodes, notEvaluable } = await lowerOne(className, operation);
    assert.equal(notEvaluable, undefined);
    assert.deepEqual(nodes.map(bare), [expected]);
  });
}

const refused: [what: string, className: string, Operation][] = [
  ['the batch is reduced', 'Mean', { config: { axis: 0 } }],
  ['all axes are reduced', 'Sum', { config: { axis: null } }],
  ['an axis is reduced that is not there', 'Sum', { config: { axis: 3 } }],
  ['an axis is reduced twice', 'Sum', { config: { axis: [1, -2] } }],
  ['a maximum begins with a number', 'Max', { config: { axis: 1, initial: 0 } }],
  ['a shape mixes samples', 'Reshape', { config: { newshape: [-1, 4] } }],
  ['a shape says how many samples there are', 'Reshape', { config: { newshape: [2, 12] } }],
  ['a shape has free lengths', 'Reshape', { config: { newshape: [-1, 3] }, shape: free }],
  ['the batch changes its place', 'Transpose', { config: { axes: [1, 0, 2] } }],
  ['axes are turned round without a word on how', 'Transpose', { config: { axes: null } }],
  ['an axis is there twice', 'Transpose', { config: { axes: [0, 1, -2] } }],
  ['axes are missing', 'Transpose', { config: { axes: [0, 1] } }],
  ['the batch is exchanged', 'Swapaxes', { config: { axis1: 0, axis2: 1 } }],
  ['an axis comes before the batch', 'ExpandDims', { config: { axis: 0 } }],
  ['two axes are free', 'ExpandDims', { config: { axis: -1 }, shape: [null, null, null] }],
  ['an axis is squeezed that is longer than 1', 'Squeeze', { config: { axis: 1 } }],
  ['all axes are squeezed that can be', 'Squeeze', { config: { axis: null }, shape: [null, 1, 3] }],
  ['features are turned round', 'Flip', { config: { axis: 2 } }],
  ['a number stands beside the tensor', 'Tanh', { args: (tensor) => [tensor, 2] }],
  ['there are two tensors', 'Tanh', { args: (tensor) => [tensor, tensor] }],
  ['shares are of the samples', 'Softmax', { config: { axis: 0 } }],
  ['shares are of the samples, counted from the end', 'LogSoftmax', { config: { axis: -3 } }],
  ['shares are of several axes', 'Softmax', { config: { axis: [1, 2] } }],
  ['bounds cross', 'Clip', { config: { x_min: 2, x_max: 1 } }],
  [
    'a bound is below the other one that it has',
    'ReLU',
    { config: { max_value: -1 }, module: 'keras.src.activations.activations' },
  ],
  ['there is no bound', 'Clip', { config: { x_min: null, x_max: 1 } }],
  ['it is not computed yet', 'Log1p', {}],
];
for (const [what, className, operation] of refused) {
  test(`an operation is named where ${what}`, async () => {
    const { notEvaluable } = await lowerOne(className, operation);
    assert.match(String(notEvaluable?.code), /^layer(Option)?Unsupported$/);
    assert.equal(notEvaluable?.args.type, className);
  });
}

test('gelu is near a tanh where its operation says nothing else', async () => {
  const { nodes } = await lowerOne('Gelu', { config: { approximate: true } });
  const operators = nodes.map((node) => (node.op === 'Activation' ? node.activation.op : node.op));
  assert.deepEqual(operators, ['Mul', 'Scale', 'Add', 'Scale', 'Tanh', 'Affine', 'Mul']);
});
