import type { RecurrentNode } from '../model/graph.ts';
import { candidateGate, type RecurrentLayer } from '../model/recurrentLayer.ts';
import type { Message } from '../protocol/messages.ts';
import { checkInputs, checkRank, checkShape, checkWidth, type ShapeRule } from './shape.ts';
import { freezeAxes, met, needed, onlyLast, shared, type UnitRule, unmoved } from './units.ts';
import type { Units, UnitTrace } from './unitTrace.ts';

/**
 * x [B,T,I] and initial states [B,H] to all outputs [B,T,H], the last output [B,H] and the final states [B,H]: of an LSTM h
 * and c, of the others h.
 */
export const recurrentShape: ShapeRule<RecurrentNode> = (node, inputs) => {
  const [x, ...initial] = inputs;
  const { inputSize, hiddenSize } = node.layer;
  const states = node.op === 'LSTM' ? 2 : 1;
  checkInputs(node, inputs, 1, 1 + states);
  checkRank(node, x, [3]);
  checkWidth(node, x, inputSize);
  const [batch, steps] = x;
  const state = [batch, hiddenSize];
  for (const shape of initial) checkShape(node, shape, state);
  return [[batch, steps, hiddenSize], state, ...Array.from({ length: states }, () => state)];
};

/** Reads its inputs' units, and puts out its own. An initial state is a hidden state, so its units are tied to the layer's. */
export const recurrentUnits: UnitRule<RecurrentNode> = (node, [x, ...initial], trace) => {
  const { layer } = node;
  const own = unmoved(layerSlots(layer, trace));
  // A softmax over the units is one that all of them take part in.
  for (const { op } of [node.activation, node.gateActivation]) {
    if (op === 'Softmax' || op === 'LogSoftmax') trace.freeze(own.slots, needed(node));
  }
  readKernel(layer, onlyLast(node, x.axes, trace), trace, met(node));
  for (const { axes } of initial) {
    freezeAxes(axes.slice(0, -1), needed(node), trace);
    const begun = trace.tied([own, axes.at(-1)], met(node));
    trace.moveFromZero(own.slots.filter((_, i) => begun?.keepsZero[i] !== 1));
  }
  return [[undefined, undefined, own], ...node.outputs.slice(1).map(() => [undefined, own])];
};

/** The slots of a layer's hidden units, and at the first call what of the layer is theirs alone. */
export function layerSlots(layer: RecurrentLayer, trace: UnitTrace): Int32Array {
  const { gates, hiddenSize, zeroPreserving } = layer;
  const reason = shared({ origin: layer.name });
  const slots = trace.slotsOf(layer, hiddenSize, 'layer', reason);
  const views = gates.map(({ recurrent }) => recurrent);
  const makers = makersOf(layer, 'recurrent');
  const columns = unmoved(slots);
  trace.read(layer, { views, makers, rows: slots, columns, layer, recurrent: true }, reason);
  const biases = gates.flatMap((gate) => {
    const added = gate.name === candidateGate[layer.cell];
    return gate.biases.map((view) => ({ view, slots, added, layer }));
  });
  trace.own(layer, biases, reason);
  if (!zeroPreserving) trace.moveFromZero(slots);
  return slots;
}

/** The layer reads these units by its kernel. */
export function readKernel(
  layer: RecurrentLayer,
  columns: Units | undefined,
  trace: UnitTrace,
  reason: Message,
): void {
  const rows = layerSlots(layer, trace);
  const views = layer.gates.map(({ kernel }) => kernel);
  const makers = makersOf(layer, 'kernel');
  trace.read(layer.gates, { views, makers, rows, columns, layer, recurrent: false }, reason);
}

/** From a state of 0, a unit stays at 0 if its candidate is activation(0) = 0, whatever its gates are. */
function makersOf({ cell, gates }: RecurrentLayer, matrix: 'kernel' | 'recurrent') {
  return gates.filter(({ name }) => name === candidateGate[cell]).map((gate) => gate[matrix]);
}
