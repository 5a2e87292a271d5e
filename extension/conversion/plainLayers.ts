import { type GateView, gathered, transposedView } from '../model/gateView.ts';
import {
  type Graph,
  type GraphNode,
  isRecurrent,
  type RecurrentNode,
  recurrentInputs,
} from '../model/graph.ts';
import { readMasked } from '../model/parameter.ts';
import { auxiliarySize, type Gate } from '../model/recurrentLayer.ts';

/**
 * The graph with ordinary layers for what only TensorFlow Lite's are, where they compute the same: a diagonal is a matrix with zeros beside
 * it, and a second sequence stands beside the first in one input, as its kernels do.
 */
export function withPlainLayers(graph: Graph): Graph {
  const joined = new Set<string>();
  const nodes = graph.nodes.flatMap((node): GraphNode[] => {
    if (!isRecurrent(node)) return [node];
    const whole = node.layer.diagonal ? withMatrices(node) : node;
    const { x, initial, auxiliary } = recurrentInputs(whole, whole.inputs);
    if (auxiliary === undefined) return [whole];
    const both = `${x} and ${auxiliary}`;
    const isThere = joined.has(both);
    joined.add(both);
    const { origin } = node;
    const concat = { op: 'Concat', inputs: [x, auxiliary], outputs: [both], origin, axis: 2 } as const;
    return [...(isThere ? [] : [concat]), { ...withOneKernel(whole), inputs: [both, ...initial] }];
  });
  return { ...graph, nodes };
}

function withMatrices(node: RecurrentNode): RecurrentNode {
  const { diagonal: _, ...layer } = node.layer;
  const gates = layer.gates.map((gate): Gate => ({ ...gate, recurrent: diagonalMatrix(gate.recurrent) }));
  return { ...node, layer: { ...layer, gates } };
}

function withOneKernel(node: RecurrentNode): RecurrentNode {
  const inputSize = node.layer.inputSize + auxiliarySize(node.layer);
  const gates = node.layer.gates.map(
    ({ auxiliary, ...gate }): Gate =>
      auxiliary ? { ...gate, kernel: beside(gate.kernel, auxiliary) } : gate,
  );
  return { ...node, layer: { ...node.layer, inputSize, gates } };
}

/** A diagonal [H,1] as a matrix [H,H]. */
function diagonalMatrix(diagonal: GateView): GateView {
  const { rows } = diagonal;
  return computed(diagonal, rows, async () => {
    const values = await valuesOf(diagonal);
    const matrix = new Float32Array(rows * rows);
    for (let i = 0; i < rows; i++) matrix[i * rows + i] = values[i];
    return matrix;
  });
}

/** Matrices [H,I] and [H,A] as [H,I+A]. */
function beside(one: GateView, other: GateView): GateView {
  const columns = one.columns + other.columns;
  return computed(one, columns, async () => {
    const [left, right] = [await valuesOf(one), await valuesOf(other)];
    const matrix = new Float32Array(one.rows * columns);
    for (let row = 0; row < one.rows; row++) {
      matrix.set(left.subarray(row * one.columns, (row + 1) * one.columns), row * columns);
      matrix.set(right.subarray(row * other.columns, (row + 1) * other.columns), row * columns + one.columns);
    }
    return matrix;
  });
}

/** A matrix of a gate, trained and masked. */
async function valuesOf(view: GateView): Promise<Float32Array> {
  return gathered(view, await readMasked(view.parameter));
}

/** A matrix that is computed from another's rows. */
function computed(
  { parameter, rows }: GateView,
  columns: number,
  read: () => Promise<Float32Array>,
): GateView {
  const { name, trainable } = parameter;
  return transposedView({ name, shape: [rows, columns], dtype: 'float32', trainable, inNoArray: true, read });
}
