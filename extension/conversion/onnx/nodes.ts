import type { GraphNode } from '../../model/graph.ts';
import { readMasked } from '../../model/parameter.ts';
import { matrixOf } from '../../ops/matMul.ts';
import { turned } from '../turned.ts';
import { activate } from './activation.ts';
import { arrays } from './arrays.ts';
import { attention } from './attention.ts';
import type { OnnxBuilder } from './builder.ts';
import { masks } from './masks.ts';
import { merge } from './merge.ts';
import { normalization } from './normalization.ts';
import { recurrent } from './recurrent.ts';
import { steps } from './steps.ts';
import type { Values } from './values.ts';
import { windows } from './windows.ts';

export type NodeOf<Op extends GraphNode['op']> = Extract<GraphNode, { op: Op }>;

/** Adds what computes a node's outputs to the ONNX graph; operators of ONNX 17. */
export function addNode(b: OnnxBuilder, node: GraphNode, values: Values): void {
  b.origin = node.origin;
  switch (node.op) {
    case 'LSTM':
    case 'GRU':
    case 'RNN':
      recurrent(b, node, values);
      break;
    case 'NotEqualMask':
    case 'LengthMask':
    case 'And':
    case 'Or':
      values.setMask(node.outputs[0], masks(b, node, values));
      break;
    default:
      values.set(node.outputs[0], computed(b, node, values));
  }
}

type Single = Exclude<
  GraphNode,
  { op: 'LSTM' | 'GRU' | 'RNN' | 'NotEqualMask' | 'LengthMask' | 'And' | 'Or' }
>;

/** The one output of a node. */
function computed(b: OnnxBuilder, node: Single, values: Values): string {
  const x = () => values.of(node.inputs[0]);
  switch (node.op) {
    case 'MatMul':
      return product(b, node, x());
    case 'Activation':
      return activate(b, node.activation, x());
    case 'Scale':
      return b.add('Mul', [x(), b.floats(node.factor)]);
    case 'Softmax':
    case 'LogSoftmax':
      return b.add(node.op, [x()], { axis: { int: node.axis } });
    case 'Gather':
      return b.add('Gather', [b.weights('embeddings', node.table.shape, () => readMasked(node.table)), x()]);
    case 'Concat': {
      const inputs = node.inputs.map((name) => values.of(name));
      return b.add('Concat', inputs, { axis: { int: node.axis } });
    }
    case 'Reshape':
      return b.add('Reshape', [x(), b.ints([0, ...node.shape])]);
    case 'Flatten':
      if (node.axis === undefined) return b.add('Flatten', [x()]);
      return b.add('Reshape', [x(), b.ints([...Array<number>(node.axis).fill(0), -1])]);
    case 'Transpose':
      return b.add('Transpose', [x()], { perm: { ints: node.permutation } });
    case 'Dropout':
      return x();
    case 'Add':
    case 'Sub':
    case 'Mul':
    case 'Div':
    case 'Pow':
    case 'Mean':
    case 'Max':
    case 'Min':
      return merge(b, node, values);
    case 'Attention':
      return attention(b, node, values);
    case 'Conv':
    case 'MaxPool':
    case 'AveragePool':
      return windows(b, node, x());
    case 'BatchNormalization':
    case 'LayerNormalization':
    case 'GroupNormalization':
    case 'LpNormalization':
    case 'PRelu':
      return normalization(b, node, x());
    case 'ApplyMask':
    case 'Reverse':
    case 'ReduceMean':
    case 'ReduceMax':
    case 'RepeatVector':
    case 'Pad':
    case 'Upsample':
      return steps(b, node, values);
    case 'Product':
    case 'Constant':
    case 'Weight':
    case 'Expand':
    case 'Slice':
    case 'Select':
    case 'Reduce':
      return arrays(b, node, values);
    case 'Loss':
      throw new Error('a file holds no loss');
  }
}

function product(b: OnnxBuilder, node: NodeOf<'MatMul'>, x: string): string {
  const { weight, bias, transposed } = node;
  const { rows, columns } = matrixOf(node);
  const kernel = b.weights('kernel', [columns, rows], async () => {
    const values = await readMasked(weight);
    return transposed ? turned(values, rows, columns) : values;
  });
  const result = b.add('MatMul', [x, kernel]);
  if (!bias) return result;
  return b.add('Add', [result, b.weights('bias', [rows], () => readMasked(bias))]);
}
