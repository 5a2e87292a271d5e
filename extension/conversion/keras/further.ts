import { concatWeight } from '../../formats/keras/attentionWeights.ts';
import type { GraphNode } from '../../model/graph.ts';
import { impossible, impossibleNode, option } from './activationName.ts';
import type { BareLayer, Dialect } from './description.ts';
import { weight } from './weight.ts';

/** Layers that Keras 3 has, and TensorFlow.js but one of them. Throws conversionImpossible where there is none. */
export function furtherLayer(node: GraphNode, dialect: Dialect): BareLayer {
  if (node.op === 'PRelu') {
    const { slope } = node;
    const shared = slope.shape.flatMap((length, axis) => (length === 1 ? [axis + 1] : []));
    const config = { shared_axes: shared.length === 0 ? null : shared };
    return { className: 'PReLU', config, weights: [weight('alpha', slope)] };
  }
  if (dialect === 'keras') {
    switch (node.op) {
      case 'Attention':
        return attention(node);
      case 'GroupNormalization': {
        const { groups, axis, epsilon, gamma, beta } = node;
        return {
          className: 'GroupNormalization',
          config: { groups, axis, epsilon, center: beta !== undefined, scale: gamma !== undefined },
          weights: [...(gamma ? [weight('gamma', gamma)] : []), ...(beta ? [weight('beta', beta)] : [])],
        };
      }
      case 'LpNormalization':
        // Whose square of the length is bounded by 1e-24.
        if (node.epsilon > 1e-12) break;
        return { className: 'UnitNormalization', config: { axis: node.axis }, weights: [] };
      case 'Upsample':
        return { className: 'UpSampling1D', config: { size: node.factor }, weights: [] };
      default:
    }
  }
  throw impossibleNode(node, dialect);
}

/** Attention, or AdditiveAttention, of one head, with the masks that Keras itself hands on. */
function attention(node: Extract<GraphNode, { op: 'Attention' }>): BareLayer {
  const {
    score,
    scale,
    weight: outer,
    factor = 1,
    heads = 1,
    masks,
    unseen,
    dropout = 0,
    causal,
    origin,
  } = node;
  if (factor !== 1) throw impossible(origin, option('optionScoreFactor'), 'keras');
  if (heads !== 1) throw impossible(origin, option('optionHeads'), 'keras');
  if (unseen || masks?.[2] !== undefined) throw impossible(origin, option('optionMasks'), 'keras');
  const own = { use_scale: scale !== undefined, dropout };
  return {
    className: score === 'additive' ? 'AdditiveAttention' : 'Attention',
    config: score === 'additive' ? own : { ...own, score_mode: score, seed: null },
    weights: [...(scale ? [weight('scale', scale)] : []), ...(outer ? [weight(concatWeight, outer)] : [])],
    ...(causal && { causal }),
  };
}
