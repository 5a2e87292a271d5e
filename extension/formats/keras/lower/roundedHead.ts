import type { GraphNode, GraphOutput, ValueName } from '../../../model/graph.ts';
import type { Half } from '../../../model/half.ts';

/**
 * The nodes of a graph, with the logits of rounded probabilities before a softmax or sigmoid of halves that they end in: Keras takes a loss of
 * what such a head puts out.
 */
export function withRoundedHead(
  nodes: readonly GraphNode[],
  [{ name }]: readonly GraphOutput[],
  fresh: (origin: string) => ValueName,
): readonly GraphNode[] {
  const last = nodes.find(({ outputs }) => outputs.includes(name));
  const head = last && headOf(last);
  if (!last?.half || !head) return nodes;
  const logits = fresh(last.origin);
  const before: GraphNode = {
    op: 'Activation',
    activation: { op: 'Identity' },
    inputs: last.inputs,
    outputs: [logits],
    origin: last.origin,
    half: { ...last.half, logitsOf: head },
  };
  const rounded: GraphNode = { ...last, inputs: [logits], half: { ...last.half, ofLogits: true } };
  return nodes.flatMap((node) => (node === last ? [before, rounded] : [node]));
}

function headOf(node: GraphNode): Half['logitsOf'] {
  if (node.op === 'Softmax' && node.axis === -1) return 'Softmax';
  return node.op === 'Activation' && node.activation.op === 'Sigmoid' ? 'Sigmoid' : undefined;
}
