import type { Graph, GraphNode } from '../../../model/graph.ts';
import { readNodes } from '../../../model/reads.ts';
import type { RecurrentLayer } from '../../../model/recurrentLayer.ts';
import type { Message } from '../../../protocol/messages.ts';
import { UserError } from '../../../protocol/userError.ts';
import type { PagedBytes } from '../../bytes/pagedBytes.ts';
import { gridOf } from '../grid.ts';
import { operatorName, operatorNames } from '../operatorNames.ts';
import type { TfliteParameters } from '../parameters.ts';
import { type TfliteModel, type TfliteOperator, tensorTypes } from '../schema.ts';
import { Builder } from './builder.ts';
import { applied, lowerArithmetic, lowerFullyConnected } from './dense.ts';
import {
  activation,
  lowerGelu,
  lowerLeakyRelu,
  lowerNeg,
  lowerPrelu,
  lowerRsqrt,
  lowerSquaredDifference,
  lowerTile,
} from './elementwise.ts';
import { lowerQuantize, ontoGrid, throughGrid } from './integers.ts';
import {
  lowerConcatenation,
  lowerGather,
  lowerPack,
  lowerReduce,
  lowerReverse,
  lowerSoftmax,
} from './others.ts';
import { lowerRecurrent } from './recurrent.ts';
import { lowerPad, lowerReshape, lowerStridedSlice, lowerTranspose } from './shapes.ts';
import { lowerConvolution, lowerPool } from './windows.ts';

export interface Lowered {
  readonly graph: Graph;
  readonly trainingNotes: readonly Message[];
}

type Rule = (b: Builder, operator: TfliteOperator) => void;

/** Values that pass as they are; quantised ones are computed as the numbers that they stand for. */
const same: Rule = (b, operator) => {
  const { name, shape, layout } = b.value(operator, 0);
  b.put(operator, name, shape, layout);
};

/** Numbers that are cast to whole ones lose their fractions. */
const lowerCast: Rule = (b, operator) => {
  const { name, shape, layout } = b.value(operator, 0);
  const from = b.tensor(operator, 0)?.type ?? -1;
  const to = b.graph.tensors[operator.outputs[0] ?? -1]?.type ?? -1;
  if (!floatTypes.has(from) || floatTypes.has(to)) {
    b.put(operator, name, shape, layout);
    return;
  }
  // Smaller ones would wrap round.
  if (to !== tensorTypes.int32 && to !== tensorTypes.int64)
    throw b.refuse(operator, { code: 'reasonAttribute', args: { name: 'out_data_type' } });
  b.put(operator, applied(b, operator, { op: 'Trunc' }, name), shape, layout);
};
const floatTypes: ReadonlySet<number> = new Set([
  tensorTypes.float32,
  tensorTypes.float16,
  tensorTypes.float64,
]);

/** A rule whose result is put on the grid of the output behind it; the others do so themselves. */
function gridded(rule: Rule): Rule {
  return (b, operator) => {
    rule(b, operator);
    ontoGrid(b, operator);
  };
}

/** By the operators' names; what is not listed is named to the user. */
const rules: Readonly<Record<string, Rule>> = {
  ADD: lowerArithmetic('Add'),
  AVERAGE_POOL_2D: gridded(lowerPool('AveragePool')),
  CONCATENATION: gridded(lowerConcatenation),
  CONV_2D: lowerConvolution,
  DEPTHWISE_CONV_2D: lowerConvolution,
  DEQUANTIZE: same,
  EMBEDDING_LOOKUP: gridded(lowerGather),
  FULLY_CONNECTED: lowerFullyConnected,
  LOGISTIC: activation('Sigmoid'),
  MAX_POOL_2D: gridded(lowerPool('MaxPool')),
  MUL: lowerArithmetic('Mul'),
  RELU: activation('Relu'),
  RELU6: activation('Clip'),
  RESHAPE: gridded(lowerReshape),
  SOFTMAX: lowerSoftmax('Softmax'),
  TANH: activation('Tanh'),
  PAD: gridded(lowerPad),
  UNIDIRECTIONAL_SEQUENCE_RNN: lowerRecurrent,
  GATHER: gridded(lowerGather),
  TRANSPOSE: gridded(lowerTranspose),
  MEAN: gridded(lowerReduce('Mean')),
  SUB: lowerArithmetic('Sub'),
  DIV: lowerArithmetic('Div'),
  SQUEEZE: gridded(lowerReshape),
  UNIDIRECTIONAL_SEQUENCE_LSTM: lowerRecurrent,
  STRIDED_SLICE: gridded(lowerStridedSlice),
  BIDIRECTIONAL_SEQUENCE_RNN: lowerRecurrent,
  LOG_SOFTMAX: lowerSoftmax('LogSoftmax'),
  BIDIRECTIONAL_SEQUENCE_LSTM: lowerRecurrent,
  CAST: gridded(lowerCast),
  EXPAND_DIMS: gridded(lowerReshape),
  REDUCE_MAX: gridded(lowerReduce('Max')),
  LEAKY_RELU: lowerLeakyRelu,
  REVERSE_V2: gridded(lowerReverse),
  ELU: activation('Elu'),
  EXP: activation('Exp'),
  GELU: gridded(lowerGelu),
  LOG: activation('Log'),
  NEG: gridded(lowerNeg),
  PACK: gridded(lowerPack),
  PRELU: lowerPrelu,
  RSQRT: lowerRsqrt,
  SQUARED_DIFFERENCE: lowerSquaredDifference,
  TILE: gridded(lowerTile),
  QUANTIZE: lowerQuantize,
};

/** The main graph of a model as ours. Throws `UserError`: operatorUnsupported, operatorUseUnsupported, graphUnsupported. */
export function lowerTflite(
  model: TfliteModel,
  layers: ReadonlyMap<TfliteOperator, readonly RecurrentLayer[]>,
  parameters: TfliteParameters,
  tables: PagedBytes,
): Lowered {
  const [graph] = model.graphs;
  const b = new Builder(graph, layers, parameters, tables);
  for (const index of graph.inputs) addInput(b, index);
  for (const operator of graph.operators) {
    const rule = rules[operatorNames[operator.code] ?? ''];
    if (!rule)
      throw new UserError('tfliteOperatorUnsupported', {
        node: b.originOf(operator),
        operator: operatorName(operator.code, operator.custom),
      });
    rule(b, operator);
  }
  const outputs = graph.outputs.map((index) => {
    const value = b.found(index);
    if (value?.layout === 'batch') return { name: value.name };
    const output = graph.tensors[index]?.name ?? '';
    throw new UserError('graphUnsupported', {}, { code: 'reasonOutputConstant', args: { output } });
  });
  return {
    graph: { inputs: b.inputs, nodes: withoutDetours(b.nodes, outputs), outputs },
    trainingNotes: notesOf(b),
  };
}

/** Without shapes that nothing reads, since it reads what was there before. */
function withoutDetours(nodes: readonly GraphNode[], outputs: Graph['outputs']): GraphNode[] {
  const read = new Set(readNodes({ nodes, outputs }));
  return nodes.filter((node) => node.op !== 'Reshape' || read.has(node));
}

/** The batch is free, whatever length the file fixes it to. */
function addInput(b: Builder, index: number): void {
  const tensor = b.graph.tensors[index];
  if (!tensor) return;
  const shape = tensor.shape.slice(1).map((n) => (n < 0 ? null : n));
  const isIds = tensor.type === tensorTypes.int32 || tensor.type === tensorTypes.int64;
  const vocabulary = isIds ? vocabularyOf(b, index) : undefined;
  b.inputs.push({
    name: tensor.name,
    shape: [null, ...shape],
    dtype: isIds ? 'int32' : 'float32',
    ...(vocabulary !== undefined && { vocabulary }),
  });
  const to = gridOf(tensor);
  // Data has the numbers that integers stand for.
  const name = to ? throughGrid(b, { outputs: [index] }, tensor.name, { kind: 'rounded', to }) : tensor.name;
  b.set(index, { name, shape, layout: 'batch' });
}

/** Rows of the table that token ids choose from. */
function vocabularyOf({ graph }: Builder, index: number): number | undefined {
  for (const { code, inputs } of graph.operators) {
    // What they choose by, and what from.
    const [ids, table] = operatorNames[code] === 'EMBEDDING_LOOKUP' ? [0, 1] : [1, 0];
    const chooses = operatorNames[code] === 'GATHER' || operatorNames[code] === 'EMBEDDING_LOOKUP';
    if (chooses && inputs[ids] === index) return graph.tensors[inputs[table] ?? -1]?.shape[0];
  }
  return undefined;
}

/** Gradients know nothing of rounding, and some operators are computed in floats and rounded. */
function notesOf({ nodes }: Builder): Message[] {
  const rounds = nodes.some(({ integers }) => integers !== undefined);
  return rounds ? [{ code: 'noteTrainedAsFloats', args: {} }] : [];
}
