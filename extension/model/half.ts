import type { AttentionNode } from './attentionNode.ts';
import type { GraphNode, RecurrentNode, ValueName } from './graph.ts';
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

/** Whether an attention is that of Keras' MultiHeadAttention, which takes its parts for heads even where it is one. */
export function isMultiHead({ heads }: AttentionNode): boolean {
  return heads !== undefined;
}

/** Whether Keras computes an attention by its dot_product_attention. */
export function isDotProduct(node: AttentionNode): boolean {
  return isMultiHead(node) && (node.dropout ?? 0) === 0;
}

/** Layers that do not round wherever Keras does: what is computed there is rounded at the end, or in another order. */
export function roundedLess(nodes: readonly GraphNode[]): string[] {
  const origins = new Map(nodes.flatMap(({ outputs, origin }) => outputs.map((name) => [name, origin])));
  const some = nodes.filter((node) => {
    if (!node.half || node.half.only) return false;
    switch (node.op) {
      case 'LSTM':
        return reordersGates(node);
      case 'Activation':
        // Whether TensorFlow reorders products between layers depends on their names.
        return node.activation.op === 'HardSwish' && origins.get(node.inputs[0]) !== node.origin;
      default:
        return false;
    }
  });
  return [...new Set(some.map(({ origin }) => origin))];
}

/** Activations that TensorFlow computes by one operation, or by a last one that is no product. */
const noProducts = [
  'Identity',
  'Tanh',
  'Relu',
  'Sigmoid',
  'HardSigmoid',
  'Softsign',
  'Softplus',
  'Elu',
  'Selu',
  'Exp',
];

/** Activations that are products with constants, which TensorFlow moves into what an LSTM multiplies them with. */
const constantProducts = ['HardSwish', 'Gelu'];

/** Whether TensorFlow has several products to reorder at the gates of an LSTM. */
function reordersGates({ gateActivation, activation }: RecurrentNode): boolean {
  const ops = [gateActivation.op, activation.op];
  if (ops.some((op) => constantProducts.includes(op))) return true;
  const hard = ops.map((op) => op === 'HardSigmoid');
  if (hard[1]) return !hard[0];
  return hard[0] && !noProducts.includes(activation.op);
}
