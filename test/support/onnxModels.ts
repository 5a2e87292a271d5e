import {
  attribute,
  externalTensor,
  graph,
  int64Tensor,
  model,
  node,
  recurrentWeights,
  tensor,
  tensorTypes,
  value,
} from './onnxFile.ts';
import { field, packedVarints } from './protobuf.ts';

/**
 * A model in which nearly everything stands that the reader knows: a layer in both directions, one behind Slice, Concat and Unsqueeze, one
 * in a branch and one in a function, float16 in integers, and shapes.
 */
export function manyPartedModel(): Buffer {
  const both = recurrentWeights('LSTM', { inputs: 3, hidden: 2, directions: 2 });
  const half = tensor(
    'half',
    [1, 4, 1],
    packedVarints(5, [0xbe00, 0x4200, 0x3c00, 0x3800]),
    tensorTypes.float16,
  );
  const rnn = (output: string, weights: string) =>
    node('LSTM', ['X', weights, 'R1'], [output], [], { name: output });
  const rows = Array.from({ length: 12 }, (_, i) => i + 1);
  const body = graph({ nodes: [rnn('inside', 'W1')], outputs: [value('inside', [1, 1, 1, 1])] });
  const encoder = Buffer.concat([
    field(1, 'Encoder'),
    field(10, 'mine'),
    ...['x', 'w', 'r'].map((name) => field(4, name)),
    field(5, 'y'),
    field(7, node('LSTM', ['x', 'w', 'r'], ['y'])),
  ]);
  return model(
    {
      nodes: [
        node('LSTM', ['X', 'W', 'R', 'B'], ['Y'], [attribute('direction', 'bidirectional')], {
          name: 'both',
        }),
        node('Slice', ['flat', 'one', 'four', 'zero'], ['late']),
        node('Slice', ['flat', 'zero', 'one', 'zero'], ['early']),
        node('Concat', ['late', 'early'], ['joined'], [attribute('axis', 0)]),
        node('Unsqueeze', ['joined', 'zero'], ['W1']),
        node('Cast', ['half'], ['R1'], [attribute('to', 1)]),
        node(
          'If',
          ['c'],
          ['chosen'],
          [attribute('then_branch', { graph: body }), attribute('else_branch', { graph: body })],
        ),
        node('Encoder', ['X', 'own', 'R1'], ['called'], [], { domain: 'mine', name: 'call' }),
      ],
      initializers: [
        both.W,
        both.R,
        both.B,
        half,
        tensor('flat', [4, 3], rows),
        tensor('own', [1, 4, 3], [...rows].reverse()),
        int64Tensor('zero', [1], [0]),
        int64Tensor('one', [1], [1]),
        int64Tensor('four', [1], [4]),
      ],
      inputs: [value('X', ['time', 'batch', 3]), value('c', [])],
      outputs: [value('Y', ['time', 2, 'batch', 2])],
    },
    [field(25, encoder), field(8, Buffer.concat([field(1, 'mine'), field(2, 1)]))],
  );
}

/** A model whose weights lie in `weights.bin`, and these. */
export function externalModel(): { main: Buffer; weights: Buffer } {
  const weights = Buffer.from(Float32Array.from({ length: 30 }, (_, i) => i + 1).buffer);
  const place = (offset: number, length: number) => ({
    location: 'weights.bin',
    offset: String(offset),
    length: String(length),
  });
  const main = model({
    nodes: [node('GRU', ['X', 'W', 'R'], ['Y'], [], { name: 'rnn' })],
    initializers: [
      externalTensor('W', [1, 6, 3], place(0, 72)),
      externalTensor('R', [1, 6, 2], place(72, 48)),
    ],
    inputs: [value('X', ['time', 'batch', 3])],
    outputs: [value('Y', ['time', 1, 'batch', 2])],
  });
  return { main, weights };
}

/** A model that can be evaluated: a GRU from a state of zeros, a Reshape to a shape that is put together, and a MatMul. */
export function evaluableModel(): Buffer {
  const { W, R, B } = recurrentWeights('GRU', { inputs: 3, hidden: 2 });
  const one = int64Tensor('one', [1], [1]);
  return model({
    nodes: [
      node('Shape', ['X'], ['shape']),
      node('Slice', ['shape', 'one', 'two'], ['batch']),
      node('Concat', ['one', 'batch', 'two'], ['zeroShape'], [attribute('axis', 0)]),
      node('ConstantOfShape', ['zeroShape'], ['zeros']),
      node('GRU', ['X', 'W', 'R', 'B', '', 'zeros'], ['Y'], [attribute('hidden_size', 2)], { name: 'rnn' }),
      node('Squeeze', ['Y', 'one'], ['steps']),
      node('Reshape', ['steps', 'target'], ['flat']),
      node('MatMul', ['flat', 'head'], ['logits']),
      node('Softmax', ['logits'], ['out'], [attribute('axis', -1)]),
    ],
    initializers: [
      ...[W, R, B, one],
      int64Tensor('two', [1], [2]),
      int64Tensor('target', [3], [0, -1, 2]),
      tensor('head', [2, 3], [1, 2, 3, 4, 5, 6]),
    ],
    inputs: [value('X', ['time', 'batch', 3])],
    outputs: [value('out', ['time', 'batch', 3])],
  });
}

/** A GRU whose W the file computes as weight_norm does: v · (g / ‖v‖), the norm of each row. */
export function computedModel(): Buffer {
  return model({
    nodes: [
      node('ReduceL2', ['v'], ['norm'], [attribute('axes', [2])]),
      node('Div', ['g', 'norm'], ['scale']),
      node('Mul', ['v', 'scale'], ['W']),
      node('GRU', ['X', 'W', 'R'], ['Y'], [attribute('hidden_size', 2)]),
    ],
    initializers: [
      tensor('v', [1, 6, 2], [3, 4, 6, 8, 0, 5, 5, 0, 3, 4, 6, 8]),
      tensor('g', [6, 1], [10, 20, 30, 40, 50, 60]),
      tensor('R', [1, 6, 2], Array(12).fill(1)),
    ],
    inputs: [value('X', ['time', 'batch', 2])],
    outputs: [value('Y', ['time', 1, 'batch', 2])],
  });
}
