import * as tf from '@tensorflow/tfjs-core';
import type { GraphNode, ValueName } from '../../model/graph.ts';
import type { Half } from '../../model/half.ts';
import type { MergeNode } from '../../model/mergeNode.ts';
import type { Operator, Variable } from '../engine.ts';
import { genericOperator, type NodeOf } from '../operators.ts';
import { convOperator } from '../ops/conv.ts';
import { matMulOperator } from '../ops/matMul.ts';
import { combine, mergeOperator, stepMask } from '../ops/merge.ts';
import { recurrentOperator } from '../ops/recurrent.ts';
import { halfElementwise, halfSoftmax } from './activations.ts';
import { arithmeticOf, type HalfArithmetic } from './arithmetic.ts';
import { halfAttention } from './attention.ts';
import { halfCell } from './cells.ts';
import { logitsOfHead, probabilitiesOf } from './head.ts';
import { sumOfSteps } from './sums.ts';

type Forward = Operator['forward'];

/**
 * A node that Keras computes in halves: so, but while gradients are taken in float32, the type in which Keras keeps what it trains.
 * @param inFloats how the engine computes it
 */
export function halfOperator(node: GraphNode, how: Half, inFloats: Operator): Operator {
  const half = arithmeticOf(how.type);
  const forward =
    headPart(node, how, half) ?? (how.only ? roundedAround(how.only, inFloats, half) : forwardOf(node, half));
  return {
    ...inFloats,
    forward: (value, variables, run) =>
      run.training ? inFloats.forward(value, variables, run) : forward(value, variables, run),
  };
}

/** Computed in float32, of rounded inputs, what is put out rounded. */
function roundedAround(
  { inputs, outputs }: NonNullable<Half['only']>,
  { forward }: Operator,
  half: HalfArithmetic,
): Forward {
  return (value, variables, run) => {
    const input = (name: ValueName) => (inputs.includes(name) ? half.rounded(value(name)) : value(name));
    const results = forward(input, variables, run);
    return outputs ? results.map((result) => result && half.rounded(result)) : results;
  };
}

function forwardOf(node: GraphNode, half: HalfArithmetic): Forward {
  const compute = roundingInside(node, half) ?? genericOperator(node).forward;
  const weight = computesInFloats(node) ? whole : (variable: Variable) => rounded(half, variable);
  const castsInputs = !takesAsIs(node);
  return (value, variables, run) => {
    const input = (name: ValueName) => (castsInputs ? half.rounded(value(name)) : value(name));
    return compute(input, variables.map(weight), run).map((result) => result && half.rounded(result));
  };
}

/** A head of the model, and what stands before it; see `Half`. */
function headPart(
  { op, inputs }: GraphNode,
  { logitsOf, ofLogits, only }: Half,
  half: HalfArithmetic,
): Forward | undefined {
  if (logitsOf) return (value) => [logitsOfHead(half, logitsOf, value(inputs[0]), only !== undefined)];
  return (
    ofLogits && ((value) => [probabilitiesOf(half, op === 'Softmax' ? op : 'Sigmoid', value(inputs[0]))])
  );
}

/** Nodes that are more than one operation of TensorFlow. */
function roundingInside(node: GraphNode, half: HalfArithmetic): Forward | undefined {
  switch (node.op) {
    case 'LSTM':
    case 'GRU':
    case 'RNN':
      return recurrentOperator(node, halfCell(half, node)).forward;
    case 'MatMul':
      return withBias(half, half.product, matMulOperator(node).forward);
    case 'Conv':
      return withBias(half, half.rounded, convOperator(node).forward);
    case 'Product':
      return (value, variables, run) =>
        genericOperator(node)
          .forward(value, variables, run)
          .map((product) => product && half.product(product));
    case 'Attention':
      return halfAttention(half, node);
    case 'ReduceMean':
      return node.mask === undefined ? undefined : maskedMean(half, node, node.mask);
    case 'Add':
    case 'Mul':
    case 'Mean':
      return oneByOne(half, node);
    case 'Activation':
      return (value) => [halfElementwise(half, node.activation, value(node.inputs[0]))];
    case 'Softmax':
    case 'LogSoftmax': {
      const { op, axis } = node;
      return (value) => {
        const x = value(node.inputs[0]);
        const isLast = axis === -1 || axis === x.rank - 1;
        return isLast ? [halfSoftmax(half, x, op)] : genericOperator(node).forward(value, [], notTraining);
      };
    }
    default:
      return undefined;
  }
}

const notTraining = { training: false, dropoutSeed: undefined, wants: () => true };

/** The product is rounded before the bias is added. */
function withBias(half: HalfArithmetic, round: HalfArithmetic['rounded'], forward: Forward): Forward {
  return (value, [kernel, bias], run) => {
    const [product] = forward(value, [kernel], run);
    if (!product) return [];
    const result = round(product);
    return [bias ? half.add(result, bias.tensor) : result];
  };
}

/** Keras adds up what counts, and divides by its number. */
function maskedMean(
  half: HalfArithmetic,
  { inputs, keepAxis }: NodeOf<'ReduceMean' | 'ReduceMax'>,
  mask: ValueName,
): Forward {
  return (value) => {
    const x = value(inputs[0]);
    const counted = tf.expandDims(value(mask), 2);
    const sum = sumOfSteps(half, tf.where(stepMask(value(mask), x.shape), x, tf.zerosLike(x)));
    const mean = half.div(sum, sumOfSteps(half, counted));
    return [keepAxis ? tf.expandDims(mean, 1) : mean];
  };
}

/** What is merged two at a time. */
function oneByOne(half: HalfArithmetic, node: MergeNode): Forward {
  const isMean = node.op === 'Mean';
  const op = isMean ? 'Add' : node.op;
  const { forward } = mergeOperator({ ...node, op }, (a, b) => half.rounded(combine[op](a, b)));
  return (value, variables, run) =>
    forward(value, variables, run).map((merged) =>
      merged && isMean ? half.share(merged, node.inputs.length) : merged,
    );
}

/** Keras computes these in float32 whatever the type, by weights that are not rounded. */
function computesInFloats({ op }: GraphNode): boolean {
  return op === 'BatchNormalization' || op === 'LayerNormalization' || op === 'GroupNormalization';
}

/** Layers of Keras that take what they are given without a cast to their own type. */
function takesAsIs(node: GraphNode): boolean {
  const { op } = node;
  if (op === 'NotEqualMask') return !node.overFeatures;
  return op === 'Gather' || op === 'LayerNormalization' || op === 'GroupNormalization';
}

function rounded(half: HalfArithmetic, variable: Variable): Variable {
  const { tensor } = whole(variable);
  return { ...variable, sparse: false, tensor: half.rounded(tensor) };
}

function whole(variable: Variable): Variable {
  if (!variable.sparse) return variable;
  const tensor = tf.tensor(variable.read(), [...variable.weight.shape], 'float32');
  return { ...variable, sparse: false, tensor };
}
