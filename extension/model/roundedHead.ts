import type { GraphNode, GraphOutput, ValueName } from './graph.ts';
import type { Half } from './half.ts';

/**
 * The nodes of a graph, with the logits of rounded probabilities before a softmax or sigmoid of halves that they end in: a loss is taken of
 * what such a head puts out.
 */
export function withRoundedHead(
  nodes: readonly GraphNode[],
  [{ name }]: readonly GraphOutput[],
  fresh: (origin: string) => ValueName,
  rankOf?: (value: ValueName) => number,
): readonly GraphNode[] {
  const last = nodes.find(({ outputs }) => outputs.includes(name));
  const head = last && headOf(last, rankOf?.(name));
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

function headOf(node: GraphNode, rank = 0): Half['logitsOf'] {
  if (node.op === 'Softmax' && (node.axis === -1 || node.axis === rank - 1)) return 'Softmax';
  return node.op === 'Activation' && node.activation.op === 'Sigmoid' ? 'Sigmoid' : undefined;
}
