import { type GateView, gathered } from '../../model/gateView.ts';
import type {
  Activation,
  CellActivation,
  Graph,
  GraphNode,
  RecurrentNode,
  ValueName,
} from '../../model/graph.ts';
import { type Parameter, readMasked } from '../../model/parameter.ts';
import { auxiliarySize, candidateGate, type Gate, outputSize } from '../../model/recurrentLayer.ts';

/**
 * Whether the gates of a layer are as `gateGraph` has them: peepholes see the cell state, too, others are normalised or read single units
 * or two sequences.
 */
export function dependsOnOutputs({ layer }: RecurrentNode): boolean {
  if (auxiliarySize(layer) > 0) return false;
  return !layer.diagonal && layer.gates.every(({ peephole, normalization }) => !peephole && !normalization);
}

/**
 * The gates of a layer at single steps: from x [N,I] and the state that enters h [N,P] to an output [N,H] for each gate, in canonical
 * order, behind its activation. There is no recurrence in it, since all states are known; the formulas are those of the cells in ONNX LSTM,
 * GRU and RNN.
 */
export function gateGraph(node: RecurrentNode): Graph {
  const { layer, gateActivation, activation } = node;
  const candidate = candidateGate[layer.cell];
  const nodes: GraphNode[] = [];
  for (const gate of layer.gates) {
    if (gate.name === 'f' && node.inputForget) {
      nodes.push(activated({ op: 'Affine', alpha: -1, beta: 1 }, 'i', gate.name));
      continue;
    }
    const reset = layer.cell === 'GRU' && gate.name === candidate;
    nodes.push(
      product(gate, 'kernel', 'x'),
      ...(reset ? resetProduct(gate, node.linearBeforeReset === true) : [product(gate, 'recurrent', 'h')]),
      merged('Add', [`${gate.name} kernel`, `${gate.name} recurrent`], `${gate.name} sum`),
      ...clipped(gate.name, node.clip),
      activated(
        gate.name === candidate ? activation : gateActivation,
        node.clip === undefined ? `${gate.name} sum` : `${gate.name} clipped`,
        gate.name,
      ),
    );
  }
  return {
    inputs: [
      { name: 'x', shape: [null, layer.inputSize], dtype: 'float32' },
      { name: 'h', shape: [null, outputSize(layer)], dtype: 'float32' },
    ],
    nodes,
    outputs: layer.gates.map(({ name }) => ({ name })),
  };
}

/** The recurrent part of a GRU's candidate: r (h R + b), or with the reset before the product (r h) R + b. */
function resetProduct(gate: Gate, linearBeforeReset: boolean): GraphNode[] {
  const to = `${gate.name} recurrent`;
  return linearBeforeReset
    ? [product(gate, 'recurrent', 'h', 'unreset'), merged('Mul', ['r', 'unreset'], to)]
    : [merged('Mul', ['r', 'h'], 'reset'), product(gate, 'recurrent', 'reset')];
}

function product(
  gate: Gate,
  matrix: 'kernel' | 'recurrent',
  from: ValueName,
  to = `${gate.name} ${matrix}`,
): GraphNode {
  const bias = gate.biases[matrix === 'kernel' ? 0 : 1];
  return {
    op: 'MatMul',
    inputs: [from],
    outputs: [to],
    origin: to,
    weight: transposed(gate[matrix], to),
    ...(bias && { bias: vector(bias, `${to} bias`) }),
  };
}

function clipped(gate: string, limit: number | undefined): GraphNode[] {
  if (limit === undefined) return [];
  return [activated({ op: 'Clip', alpha: -limit, beta: limit }, `${gate} sum`, `${gate} clipped`)];
}

function merged(op: 'Add' | 'Mul', inputs: readonly ValueName[], output: ValueName): GraphNode {
  return { op, inputs, outputs: [output], origin: output };
}

function activated(activation: CellActivation, input: ValueName, output: ValueName): GraphNode {
  const base = { inputs: [input], outputs: [output], origin: output };
  return isSoftmax(activation)
    ? { ...base, op: activation.op, axis: -1 }
    : { ...base, op: 'Activation', activation };
}

function isSoftmax(activation: CellActivation): activation is Exclude<CellActivation, Activation> {
  return activation.op === 'Softmax' || activation.op === 'LogSoftmax';
}

/** A gate's matrix [H, in] as a parameter of its own [in, H], masks applied. */
function transposed(view: GateView, name: string): Parameter {
  const { rows, columns, rowStride, columnStride } = view;
  const turned = { ...view, rows: columns, columns: rows, rowStride: columnStride, columnStride: rowStride };
  return parameterOf(turned, name, [columns, rows]);
}

function vector(view: GateView, name: string): Parameter {
  return parameterOf(view, name, [view.rows]);
}

function parameterOf(view: GateView, name: string, shape: readonly number[]): Parameter {
  const read = async () => gathered(view, await readMasked(view.parameter));
  return { name, shape, dtype: 'float32', trainable: false, read };
}
