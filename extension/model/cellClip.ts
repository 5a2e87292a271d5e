import type { CellActivation, Graph, GraphNode, RecurrentNode } from './graph.ts';

type Clipped = Pick<RecurrentNode, 'activation' | 'gateActivation' | 'cellClip'>;

/**
 * Whether a cell state that begins with 0 can get beyond its clip. By no more than 1 a step, where gates are within 0 and 1 and the
 * candidate within ±1.
 * @param steps of the sequence, at most
 */
export function canBeClipped(node: Clipped, steps: number): boolean {
  return node.cellClip !== undefined && !(growsByOne(node) && steps <= node.cellClip);
}

/**
 * The graph without the clips of cell states that grow slowly, and the nodes that had one: TensorFlow's converter puts one of 10 into every
 * LSTM, whether its model had it or not.
 */
export function withoutCellClips(graph: Graph): {
  readonly graph: Graph;
  readonly clipped: readonly RecurrentNode[];
} {
  const clipped: RecurrentNode[] = [];
  const nodes = graph.nodes.map((node): GraphNode => {
    if (node.op !== 'LSTM' || node.cellClip === undefined || !growsByOne(node)) return node;
    clipped.push(node);
    const { cellClip: _, ...unclipped } = node;
    return unclipped;
  });
  return clipped.length > 0 ? { graph: { ...graph, nodes }, clipped } : { graph, clipped };
}

function growsByOne({ activation, gateActivation }: Clipped): boolean {
  return isGate(gateActivation) && (isGate(activation) || isWithinOne(activation));
}

function isGate({ op }: CellActivation): boolean {
  return op === 'Sigmoid' || op === 'HardSigmoid';
}

function isWithinOne(activation: CellActivation): boolean {
  if (activation.op !== 'Clip') return activation.op === 'Tanh' || activation.op === 'Softsign';
  const { alpha = -Infinity, beta = Infinity } = activation;
  return alpha >= -1 && beta <= 1;
}
