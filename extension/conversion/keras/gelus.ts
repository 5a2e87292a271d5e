import type { Graph, GraphNode, ValueName } from '../../model/graph.ts';
import { readNodes } from '../../model/reads.ts';
import { Links } from './links.ts';

/** The graph with x · (1 + erf(x / √2)) / 2, as exporters to ONNX spell it, as the one function that it is. */
export function withGelus(graph: Graph): Graph {
  const links = new Links(graph);
  const nodes = graph.nodes.flatMap((node) => geluOf(node, links) ?? [node]);
  return nodes.length === graph.nodes.length ? graph : { ...graph, nodes: readNodes({ ...graph, nodes }) };
}

/** The function and a factor, in the place of a product of which it is a multiple. */
function geluOf(node: GraphNode, links: Links): GraphNode[] | undefined {
  if (node.op !== 'Mul' || node.masks || node.inputs.length !== 2) return undefined;
  const { origin, outputs } = node;
  for (const [one, other] of [node.inputs, node.inputs.toReversed()]) {
    const x = scaled(one, links);
    const sum = links.producer(other);
    if (sum?.op !== 'Activation' || sum.activation.op !== 'Affine') continue;
    const erf = links.producer(sum.inputs[0]);
    if (erf?.op !== 'Activation' || erf.activation.op !== 'Erf') continue;
    const within = scaled(erf.inputs[0], links);
    const { alpha = 1, beta = 0 } = sum.activation;
    if (within.of !== x.of || !near(within.factor, Math.SQRT1_2) || !near(beta / alpha, 1)) continue;
    const whole = `${outputs[0]} gelu`;
    const activation = { op: 'Gelu' } as const;
    return [
      { op: 'Activation', inputs: [x.of], outputs: [whole], origin, activation },
      { op: 'Scale', inputs: [whole], outputs, origin, factor: 2 * alpha * x.factor },
    ];
  }
  return undefined;
}

function scaled(value: ValueName, links: Links): { readonly of: ValueName; readonly factor: number } {
  const made = links.producer(value);
  return made?.op === 'Scale' ? { of: made.inputs[0], factor: made.factor } : { of: value, factor: 1 };
}

/** Numbers in a file are rounded to float32. */
function near(a: number, b: number): boolean {
  return Math.abs(a - b) < 1e-6;
}
