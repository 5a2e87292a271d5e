import type { GraphNode } from '../../model/graph.ts';
import { readMasked } from '../../model/parameter.ts';
import { matrixOf } from '../../ops/matMul.ts';
import { turned } from '../turned.ts';
import { activationName, impossible, option } from './activationName.ts';
import type { BareLayer, Dialect, KerasWeight } from './description.ts';
import { furtherLayer } from './further.ts';
import { operationOf } from './operations.ts';
import { isTrainable, weight } from './weight.ts';
import { convolution, pooling } from './windows.ts';

const merges = {
  Add: 'Add',
  Sub: 'Subtract',
  Mul: 'Multiply',
  Mean: 'Average',
  Max: 'Maximum',
  Min: 'Minimum',
} as const;

/**
 * The layer, or operation, that computes a node which is no recurrent one and makes no mask. Throws conversionImpossible where there is none.
 * @param ranks of what it reads
 * @param isNotNegative nothing that it reads is below 0
 */
export function kerasLayer(
  node: GraphNode,
  dialect: Dialect,
  ranks: readonly number[],
  isNotNegative: boolean,
): BareLayer {
  const plain = (className: string, config: Record<string, unknown> = {}, weights: KerasWeight[] = []) => ({
    className,
    config,
    weights,
  });
  switch (node.op) {
    case 'MatMul':
      return dense(node);
    case 'Gather': {
      const [inputDim, outputDim] = node.table.shape;
      const config = { input_dim: inputDim, output_dim: outputDim, mask_zero: false };
      return plain('Embedding', config, [weight('embeddings', node.table)]);
    }
    case 'Activation':
      return activation(node, dialect);
    case 'Softmax':
      // TensorFlow.js hands a mask of steps to its layer Softmax even where there are none left, which an activation does not look at.
      if (node.axis === -1 && dialect === 'tfjs') return plain('Activation', { activation: 'softmax' });
      return plain('Softmax', { axis: node.axis });
    case 'LogSoftmax':
      if (node.axis !== -1) break;
      return plain('Activation', { activation: 'log_softmax' });
    case 'Concat':
      return plain('Concatenate', { axis: node.axis });
    case 'Add':
    case 'Sub':
    case 'Mul':
    case 'Mean':
    case 'Max':
    case 'Min':
      if (dialect === 'tfjs' && node.op === 'Sub') break;
      // TensorFlow.js' merges need no masks, but do not know Keras 3's rules for them.
      if (dialect === 'tfjs' && node.masks) throw impossible(node.origin, option('optionMasked'), dialect);
      return plain(merges[node.op]);
    case 'Reshape':
      return plain('Reshape', { target_shape: node.shape });
    case 'Flatten':
      return plain('Flatten');
    case 'Transpose':
      return plain('Permute', { dims: node.permutation.slice(1) });
    case 'RepeatVector':
      return plain('RepeatVector', { n: node.count });
    case 'Dropout':
      if (dialect === 'keras' && node.sharedAxes?.join() === '1')
        // It takes no word on whether it is trainable.
        return plain('SpatialDropout1D', { rate: node.rate, seed: null, trainable: undefined });
      return plain('Dropout', { rate: node.rate, noise_shape: null, seed: null });
    case 'ReduceMean':
    case 'ReduceMax':
      if (dialect === 'tfjs' && (node.keepAxis || node.mask !== undefined)) break;
      return plain(node.op === 'ReduceMean' ? 'GlobalAveragePooling1D' : 'GlobalMaxPooling1D', {
        data_format: 'channels_last',
        ...(dialect === 'keras' && { keepdims: node.keepAxis === true }),
      });
    case 'Reduce':
      return reduction(node, dialect, ranks[0]);
    case 'BatchNormalization':
      return batchNormalization(node);
    case 'LayerNormalization': {
      const { axis, epsilon, gamma, beta } = node;
      const weights = [...(gamma ? [weight('gamma', gamma)] : []), ...(beta ? [weight('beta', beta)] : [])];
      return plain(
        'LayerNormalization',
        { axis, epsilon, center: beta !== undefined, scale: gamma !== undefined },
        weights,
      );
    }
    case 'Product':
      if (ranks.some((rank) => rank !== 3)) break;
      return plain('Dot', { axes: [2, 1], normalize: false });
    case 'Div':
    case 'Pow':
      break;
    case 'Scale':
      return plain('Rescaling', { scale: node.factor, offset: 0 });
    case 'Pad':
      return padding(node, dialect);
    case 'Conv':
      return convolution(node, dialect);
    case 'MaxPool':
    case 'AveragePool':
      return pooling(node, dialect, isNotNegative);
    default:
      return furtherLayer(node, dialect);
  }
  return operationOf(node, dialect);
}

/** Weights of more axes than two work as the matrix that their inputs and outputs make together. */
function dense(node: Extract<GraphNode, { op: 'MatMul' }>): BareLayer {
  const { weight: matrix, bias, transposed } = node;
  const { rows, columns } = matrixOf(node);
  const kernel = {
    name: 'kernel',
    shape: [columns, rows],
    trainable: isTrainable(matrix),
    values: async () => {
      const values = await readMasked(matrix);
      return transposed ? turned(values, rows, columns) : values;
    },
  };
  return {
    className: 'Dense',
    config: { units: rows, activation: 'linear', use_bias: bias !== undefined },
    weights: [kernel, ...(bias ? [{ ...weight('bias', bias), shape: [rows] }] : [])],
  };
}

/** By name; those with a slope of their own have layers. */
function activation(node: Extract<GraphNode, { op: 'Activation' }>, dialect: Dialect): BareLayer {
  const { op, alpha, beta } = node.activation;
  const name = activationName(node.activation, dialect);
  if (name !== undefined) return { className: 'Activation', config: { activation: name }, weights: [] };
  if (op === 'LeakyRelu') {
    const slope = alpha ?? 0.01;
    const config = dialect === 'keras' ? { negative_slope: slope } : { alpha: slope };
    return { className: 'LeakyReLU', config, weights: [] };
  }
  if (op === 'Clip' && alpha === 0 && beta !== undefined && beta > 0)
    return { className: 'ReLU', config: { max_value: Number.isFinite(beta) ? beta : null }, weights: [] };
  if (op === 'Affine')
    return { className: 'Rescaling', config: { scale: alpha ?? 1, offset: beta ?? 0 }, weights: [] };
  if (op === 'Elu') return { className: 'ELU', config: { alpha: alpha ?? 1 }, weights: [] };
  return operationOf(node, dialect);
}

function batchNormalization({
  axis,
  epsilon,
  gamma,
  beta,
  mean,
  variance,
}: Extract<GraphNode, { op: 'BatchNormalization' }>): BareLayer {
  return {
    className: 'BatchNormalization',
    config: { axis, momentum: 0.99, epsilon, center: beta !== undefined, scale: gamma !== undefined },
    weights: [
      ...(gamma ? [weight('gamma', gamma)] : []),
      ...(beta ? [weight('beta', beta)] : []),
      weight('moving_mean', mean),
      weight('moving_variance', variance),
    ],
  };
}

/** Over the steps of a sequence, or over those of each step of one. */
function reduction(node: Extract<GraphNode, { op: 'Reduce' }>, dialect: Dialect, rank: number): BareLayer {
  const { by, axes, keepAxes = false } = node;
  const isOfSteps = axes.length === 1 && axes[0] === rank - 2 && (rank === 3 || rank === 4);
  if (!isOfSteps || by === 'Sum' || by === 'Min' || (keepAxes && dialect === 'tfjs'))
    return operationOf(node, dialect);
  return {
    className: by === 'Mean' ? 'GlobalAveragePooling1D' : 'GlobalMaxPooling1D',
    config: { data_format: 'channels_last', ...(keepAxes && { keepdims: true }) },
    weights: [],
  };
}

function padding(node: Extract<GraphNode, { op: 'Pad' }>, dialect: Dialect): BareLayer {
  const { before, after, origin } = node;
  if (before >= 0 && after >= 0 && dialect === 'keras')
    return { className: 'ZeroPadding1D', config: { padding: [before, after] }, weights: [] };
  if (before <= 0 && after <= 0 && dialect === 'keras')
    return { className: 'Cropping1D', config: { cropping: [-before, -after] }, weights: [] };
  throw impossible(origin, option('optionPadding'), dialect);
}
