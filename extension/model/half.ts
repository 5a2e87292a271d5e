import type { AttentionNode } from './attentionNode.ts';
import { type GraphNode, isRecurrent, type ValueName } from './graph.ts';
import type { HalfType } from './rounding.ts';

/**
 * How a node is computed in floats of 16 bits by Keras, with TensorFlow's kernels for processors (2.21): inputs, weights and what every
 * operation puts out are rounded to the type. Between nodes flow the numbers that the halves stand for, and training is in float32.
 */
export interface Half {
  readonly type: HalfType;
  /**
   * Of an Identity before such a head: the logarithms of the head's probabilities, or their logits, so that a loss that is taken before the head
   * is that of the probabilities. Those of 0 and 1 are clipped as Keras does.
   */
  readonly logitsOf?: 'Softmax' | 'Sigmoid';
  /** Of the head behind that: the probabilities. */
  readonly ofLogits?: true;
  /** What alone is rounded where ONNX Runtime computes in float32: some of the inputs, and what is put out. */
  readonly only?: { readonly inputs: readonly ValueName[]; readonly outputs: boolean };
}

/** Whether nothing but two products and a softmax makes an attention, each of which rounds. */
export function isPlainAttention({ score, heads = 1, scale, factor, masks, causal }: AttentionNode): boolean {
  return score === 'dot' && heads === 1 && !scale && factor === undefined && !masks?.some(Boolean) && !causal;
}

/** Layers that do not round wherever Keras does: what is computed there is rounded at the end, or in another order. */
export function roundedLess(nodes: readonly GraphNode[]): string[] {
  const some = nodes.filter((node) => {
    if (node.half?.only) return false;
    if (node.op === 'Attention') return !isPlainAttention(node);
    if (isRecurrent(node)) return node.op !== 'RNN' && node.gateActivation.op === 'HardSigmoid';
    return node.op === 'ReduceMean' && node.mask !== undefined;
  });
  return [...new Set(some.flatMap(({ half, origin }) => (half ? [origin] : [])))];
}
