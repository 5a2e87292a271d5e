import type { AttentionNode } from '../model/attentionNode.ts';
import type { GateView } from '../model/gateView.ts';
import type { Graph, GraphNode, ValueName } from '../model/graph.ts';
import { sizeOf } from '../model/parameter.ts';
import { inferShapes } from './infer.ts';
import { matrixOf } from './matMul.ts';
import type { Shape } from './shape.ts';
import { placesLeft } from './windows.ts';

/** A matrix of weights, and how many rows of one sample it is multiplied with: each of its weights is used so many times. */
export interface Product {
  readonly weights: GateView;
  readonly rows: number;
}

/**
 * A graph's matrix products for one sample; weights that are used at several places have several.
 * @param freeSteps stands for every free axis
 */
export function productsPerSample(graph: Graph, freeSteps: number): Product[] {
  const shapes = inferShapes(graph);
  return graph.nodes.flatMap((node) => {
    const leading = (shapes.get(node.inputs[0]) ?? []).slice(1, -1).map((n) => n ?? freeSteps);
    const rows = sizeOf(node.op === 'Conv' ? (placesLeft(node, leading) as number[]) : leading);
    return weightsOf(node).map((weights) => ({ weights, rows }));
  });
}

/**
 * Floating-point operations of a graph's matrix products for one sample, a product counted as two; the rest of a
 * recurrent model is small beside them.
 * @param freeSteps stands for every free axis
 */
export function operationsPerSample(graph: Graph, freeSteps: number): number {
  const products = productsPerSample(graph, freeSteps);
  const weighted = products.reduce(
    (sum, { weights, rows }) => sum + rows * weights.rows * weights.columns,
    0,
  );
  const shapes = inferShapes(graph);
  const attended = graph.nodes.reduce((sum, node) => {
    if (node.op === 'Product') return sum + productSize(node, shapes, freeSteps);
    return node.op === 'Attention' ? sum + attentionProducts(node, shapes, freeSteps) : sum;
  }, 0);
  return 2 * (weighted + attended);
}

/** Every query with every key, and every score with every value. */
function attentionProducts(
  { inputs }: AttentionNode,
  shapes: ReadonlyMap<ValueName, Shape>,
  freeSteps: number,
): number {
  const [[queries, width], [steps, out]] = inputs.map((name) =>
    (shapes.get(name) as Shape).slice(1).map((n) => n ?? freeSteps),
  );
  return queries * steps * (width + out);
}

/** Matrices [n,k] and [k,m] of two values, as often as there are in the larger of them. */
function productSize(
  { inputs }: Pick<GraphNode, 'inputs'>,
  shapes: ReadonlyMap<ValueName, Shape>,
  freeSteps: number,
): number {
  const [a, b] = inputs.map((name) => (shapes.get(name) as Shape).slice(1).map((n) => n ?? freeSteps));
  const outer = Math.max(sizeOf(a.slice(0, -2)), sizeOf(b.slice(0, -2)));
  return outer * sizeOf(a.slice(-2)) * b[b.length - 1];
}

/** What one row of a node's input is multiplied with. */
function weightsOf(node: GraphNode): GateView[] {
  switch (node.op) {
    case 'LSTM':
    case 'GRU':
    case 'RNN':
      return [
        ...node.layer.gates.flatMap(({ kernel, recurrent, auxiliary }) => [
          kernel,
          recurrent,
          ...(auxiliary ? [auxiliary] : []),
        ]),
        ...(node.layer.projection ? [node.layer.projection] : []),
      ];
    case 'MatMul':
      return [matrixOf(node)];
    case 'Conv':
      return [...node.taps];
    default:
      return [];
  }
}
