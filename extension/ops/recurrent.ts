import type { GateView } from '../model/gateView.ts';
import { type RecurrentNode, recurrentInputs } from '../model/graph.ts';
import {
  auxiliarySize,
  candidateGate,
  isNormalized,
  outputSize,
  type RecurrentLayer,
} from '../model/recurrentLayer.ts';
import type { Message } from '../protocol/messages.ts';
import { checkInputs, checkRank, checkShape, checkWidth, type ShapeRule } from './shape.ts';
import { freezeAxes, met, needed, onlyLast, shared, type UnitRule, unmoved } from './units.ts';
import type { Entries, Units, UnitTrace } from './unitTrace.ts';

/**
 * x [B,T,I], initial states, h [B,P] and of an LSTM c [B,H], and the second sequence [B,T,A] of a layer that reads one, to all outputs
 * [B,T,P], the last output [B,P], the final states like the initial ones, and of a projection what it is applied to [B,T,H]. P is H without
 * a projection.
 */
export const recurrentShape: ShapeRule<RecurrentNode> = (node, inputs) => {
  const { x, initial, auxiliary } = recurrentInputs(node, inputs);
  const { inputSize, hiddenSize } = node.layer;
  const width = outputSize(node.layer);
  const widths = node.op === 'LSTM' ? [width, hiddenSize] : [width];
  const second = auxiliarySize(node.layer);
  const least = second > 0 ? 2 : 1;
  checkInputs(node, inputs, least, least + widths.length);
  checkRank(node, x, [3]);
  checkWidth(node, x, inputSize);
  const [batch, steps] = x;
  if (auxiliary) checkShape(node, auxiliary, [batch, steps, second]);
  for (const [i, shape] of initial.entries()) checkShape(node, shape, [batch, widths[i]]);
  const finals = widths.map((own) => [batch, own]);
  const projected = node.layer.projection ? [[batch, steps, hiddenSize]] : [];
  return [[batch, steps, width], [batch, width], ...finals, ...projected];
};

/** Reads its inputs' units, and puts out its own. An initial state is a state, so its units are tied to the layer's. */
export const recurrentUnits: UnitRule<RecurrentNode> = (node, inputs, trace) => {
  const { layer } = node;
  const { x, initial, auxiliary } = recurrentInputs(node, inputs);
  const hidden = unmoved(layerSlots(layer, trace));
  const out = unmoved(outputSlots(layer, trace));
  const { activation, outputActivation = activation } = node;
  // A softmax over the units is one that all of them take part in.
  for (const { op } of [activation, outputActivation, node.gateActivation]) {
    if (op === 'Softmax' || op === 'LogSoftmax') trace.freeze(hidden.slots, needed(node));
  }
  // Each unit's place is by the mean and variance of all of them.
  if (isNormalized(layer)) trace.freeze(hidden.slots, needed(node));
  readUnits(layer, 'kernel', onlyLast(node, x.axes, trace), trace, met(node));
  if (auxiliary) readUnits(layer, 'auxiliary', onlyLast(node, auxiliary.axes, trace), trace, met(node));
  for (const [i, { axes }] of initial.entries()) {
    const own = i === 0 ? out : hidden;
    freezeAxes(axes.slice(0, -1), needed(node), trace);
    const begun = trace.tied([own, axes.at(-1)], met(node));
    trace.moveFromZero(own.slots.filter((_, i) => begun?.keepsZero[i] !== 1));
  }
  const finals = [out, ...(node.op === 'LSTM' ? [hidden] : [])].map((units) => [undefined, units]);
  const projected = layer.projection ? [[undefined, undefined, hidden]] : [];
  return [[undefined, undefined, out], [undefined, out], ...finals, ...projected];
};

/** The slots of a layer's hidden units, and at the first call what of the layer is theirs alone. */
export function layerSlots(layer: RecurrentLayer, trace: UnitTrace): Int32Array {
  const { gates, hiddenSize, zeroPreserving, projection } = layer;
  const reason = shared({ origin: layer.name });
  const slots = trace.slotsOf(layer, hiddenSize, 'layer', reason);
  const views = gates.map(({ recurrent }) => recurrent);
  const makers = makersOf(layer, 'recurrent');
  const columns = unmoved(projection ? projectionSlots(projection, trace, reason) : slots);
  if (!layer.diagonal)
    trace.read(layer, { views, makers, rows: slots, columns, layer, recurrent: !projection }, reason);
  if (projection) readProjection(layer, projection, slots, trace, reason);
  const own = gates.flatMap((gate): Entries[] => {
    const added = gate.name === candidateGate[layer.cell];
    // By a diagonal a unit reads itself alone.
    const itself = layer.diagonal ? gate.recurrent : undefined;
    const factors = [itself, gate.peephole, gate.normalization].filter((view) => view !== undefined);
    return [
      ...gate.biases.map((view) => ({ view, slots, added, layer })),
      ...factors.map((view) => ({ view, slots, added: false, layer })),
    ];
  });
  trace.own(layer, own, reason);
  if (!zeroPreserving) trace.moveFromZero(slots);
  return slots;
}

/** The slots of what a layer puts out: of its hidden units, or of the outputs of its projection. */
export function outputSlots(layer: RecurrentLayer, trace: UnitTrace): Int32Array {
  const slots = layerSlots(layer, trace);
  const { projection } = layer;
  return projection ? projectionSlots(projection, trace, shared({ origin: layer.name })) : slots;
}

function projectionSlots(projection: GateView, trace: UnitTrace, reason: Message): Int32Array {
  return trace.slotsOf(projection, projection.rows, 'projection', reason);
}

/** A projection reads the hidden units as a dense layer would. */
function readProjection(
  layer: RecurrentLayer,
  projection: GateView,
  hidden: Int32Array,
  trace: UnitTrace,
  reason: Message,
): void {
  const rows = projectionSlots(projection, trace, reason);
  const views = [projection];
  trace.read(projection, { views, makers: views, rows, columns: unmoved(hidden), recurrent: false }, reason);
  const bias = layer.projectionBias;
  if (bias) trace.own(projection, [{ view: bias, slots: rows, added: true }], reason);
}

/** The layer reads these units by its kernel, or those of its second sequence by the kernel that it has for that. */
export function readUnits(
  layer: RecurrentLayer,
  matrix: 'kernel' | 'auxiliary',
  columns: Units | undefined,
  trace: UnitTrace,
  reason: Message,
): void {
  const rows = layerSlots(layer, trace);
  const views = layer.gates.flatMap((gate) => gate[matrix] ?? []);
  const makers = makersOf(layer, matrix);
  trace.read(views[0], { views, makers, rows, columns, layer, recurrent: false }, reason);
}

/**
 * From a state of 0, a unit stays at 0 if its candidate is activation(0) = 0, whatever its gates are. A candidate is 0 only where what it
 * gets by each matrix is.
 */
function makersOf({ cell, gates }: RecurrentLayer, matrix: 'kernel' | 'recurrent' | 'auxiliary'): GateView[] {
  return gates.filter(({ name }) => name === candidateGate[cell]).flatMap((gate) => gate[matrix] ?? []);
}
