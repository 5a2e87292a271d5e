import { kerasName } from '../../formats/keras/activations.ts';
import type { CellActivation, GraphNode } from '../../model/graph.ts';
import type { Message, MessageCode } from '../../protocol/messages.ts';
import { UserError } from '../../protocol/userError.ts';
import type { Dialect } from './description.ts';

/** What TensorFlow.js 4.22 knows of Keras' activations. */
const inTfjs = new Set([
  'linear',
  'relu',
  'relu6',
  'sigmoid',
  'hard_sigmoid',
  'tanh',
  'softplus',
  'softsign',
  'elu',
  'selu',
  'gelu',
  'swish',
  'mish',
  'softmax',
  'log_softmax',
]);

/** The same by another name. */
const inOtherWords: Readonly<Record<string, string>> = { silu: 'swish', celu: 'elu' };

/** Keras' name of an activation; undefined where the dialect has none. */
export function activationName(activation: CellActivation, dialect: Dialect): string | undefined {
  const name = kerasName(activation, dialect === 'keras' ? 3 : 2);
  if (dialect === 'keras') return name;
  const known = name && (inOtherWords[name] ?? name);
  return known !== undefined && inTfjs.has(known) ? known : undefined;
}

/** The name by which a layer may have what a node does as its own activation; undefined where it is none. */
export function ownActivation(node: GraphNode, dialect: Dialect): string | undefined {
  if (node.op === 'Activation') return activationName(node.activation, dialect);
  return node.op === 'Softmax' && node.axis === -1 ? 'softmax' : undefined;
}

/** The same inside a layer. Throws conversionImpossible, naming the layer. */
export function cellActivationName(activation: CellActivation, dialect: Dialect, layer: string): string {
  const name = activationName(activation, dialect);
  if (name === undefined) throw impossible(layer, activationOption(activation), dialect);
  return name;
}

/** An activation, by its operator. */
export function activationOption({ op }: CellActivation): Message {
  return { code: 'optionActivation', args: { name: op } };
}

/** What a layer does, by its sentence. */
export function option(code: Extract<MessageCode, `option${string}`>): Message {
  return { code, args: {} };
}

/** Operators of graphs that no format of layers calls so, by what they do. */
const operations: Partial<Record<GraphNode['op'], Extract<MessageCode, `option${string}`>>> = {
  ApplyMask: 'optionStepsZeroed',
  Attention: 'optionAttention',
  Constant: 'optionConstant',
  Div: 'optionQuotient',
  Expand: 'optionRepeated',
  LengthMask: 'optionLengthMask',
  LpNormalization: 'optionUnitLength',
  NotEqualMask: 'optionMaskComputed',
  Pow: 'optionPower',
  Product: 'optionProduct',
  Reduce: 'optionReduction',
  Reverse: 'optionStepsTurned',
  Select: 'optionSlice',
  Slice: 'optionSlice',
  Weight: 'optionWeight',
};

/** What a node does is nothing that the other format has a layer for. */
export function impossibleNode(
  { op, origin }: Pick<GraphNode, 'op' | 'origin'>,
  dialect: Dialect,
): UserError {
  const code = operations[op];
  return impossible(origin, code ? option(code) : op, dialect);
}

/** What a layer does is nothing that the other format has a layer for. */
export function impossible(layer: string, what: string | Message, dialect: Dialect): UserError {
  return new UserError('conversionImpossible', {
    layer,
    what,
    format: dialect === 'keras' ? 'Keras' : 'TensorFlow.js',
  });
}
