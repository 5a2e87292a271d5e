import type { NodeBase } from './nodeBase.ts';
import type { Parameter } from './parameter.ts';

/**
 * Ours: attention. Inputs: query [B,Q,D], value [B,T,V] and, where it is not the value, key [B,T,D]; output [B,Q,V],
 * the values weighted by a softmax over the T scores of each query.
 */
export interface AttentionNode extends NodeBase {
  readonly op: 'Attention';
  /**
   * dot: scale · q·k (Luong et al. 2015); additive: Σ scale · tanh(q + k) (Bahdanau et al. 2015); concat: weight · Σ tanh(scale · (q + k)),
   * as Keras' Attention has it.
   */
  readonly score: 'dot' | 'additive' | 'concat';
  /** [D] for additive, else one value []; absent: 1. */
  readonly scale?: Parameter;
  /** Of concat: one value []; absent: 1. */
  readonly weight?: Parameter;
  /** Of dot: scores are multiplied with it; absent: 1. */
  readonly factor?: number;
  /** Of dot: D and V are cut into so many parts, each a head with scores of its own (Vaswani et al. 2017); absent: 1. */
  readonly heads?: number;
  /** Of query [B,Q], value [B,T] and key [B,T]: masked queries put out 0, masked values and keys score 1e9 less. */
  readonly masks?: readonly (string | undefined)[];
  /**
   * Queries that are masked or see nothing put out the mean of all values, or 0, as Keras' MultiHeadAttention without and with dropout.
   * Absent: masked ones put out 0, as in Keras' Attention.
   */
  readonly unseen?: 'mean' | 'zero';
  /** The query at place i sees the values at places 0 to i; the others score like masked ones. */
  readonly causal?: boolean;
  /** Share of the weights dropped while training. */
  readonly dropout?: number;
}
