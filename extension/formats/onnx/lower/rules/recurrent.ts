import type { Activation, CellActivation, RecurrentNode } from '../../../../model/graph.ts';
import { outputSize, type RecurrentLayer } from '../../../../model/recurrentLayer.ts';
import { entryOf } from '../../../entryOf.ts';
import { intOf } from '../../attributes.ts';
import type { OnnxNode } from '../../proto.ts';
import { type CellFunction, cellFunctions } from '../../recurrent/activations.ts';
import { nameOf } from '../../recurrent/found.ts';
import { regroup, unstacked, withLast } from '../arrange.ts';
import { besideZeros, isZero } from '../initialStates.ts';
import type { Lowering } from '../lowering.ts';
import { BatchElsewhere, refused } from '../refuse.ts';
import type { Rule } from '../rule.ts';
import { lengthMask } from '../sequenceLengths.ts';
import {
  type Flow,
  type FlowAxis,
  flowOf,
  type InputAxis,
  type Place,
  stack,
  type Value,
} from '../values.ts';

/**
 * LSTM, GRU and RNN: a node of ours for each direction. X is [T,B,I], or with layout 1 [B,T,I]; the outputs Y [T,dirs,B,H], Y_h and
 * Y_c [dirs,B,H], or [B,T,dirs,H] and [B,dirs,H]. Sequences that are shorter put out zeros behind their ends.
 */
export const recurrentRule: Rule = async (lowering, node) => {
  const layers = lowering.contents.recurrent.get(node);
  if (!layers) throw refused(node, { code: 'reasonWeightsElsewhere', args: { layer: nameOf(node) } });
  const byBatch = intOf(node, 'layout', 0) === 1;
  const x = steps(lowering, node, byBatch);
  const mask = await lengthMask(lowering, node, x);
  const made: DirectionOutputs[] = [];
  for (const [d, layer] of layers.entries()) {
    const initial = await initialStates(lowering, node, d, layer, byBatch, x);
    made.push(direction(lowering, node, layer, d, layers.length, [x, ...initial], mask));
  }
  const [batch, time] = lowering.emitter.shape(x);
  const states = node.opType === 'LSTM' ? (['h', 'c'] as const) : (['h'] as const);
  const dirs: FlowAxis = { parts: layers.length > 1 ? [stack] : [], length: layers.length };
  const axis = (part: number, { length }: Place): FlowAxis => ({ parts: [part], length });
  const [first] = made;
  const features = lowering.emitter.shape(first.all)[2];
  const sequence = byBatch
    ? [axis(0, batch), axis(1, time), dirs, axis(2, features)]
    : [axis(1, time), dirs, axis(0, batch), axis(2, features)];
  lowering.set(
    node.outputs[0],
    flowOf(
      made.map(({ all }) => all),
      sequence,
    ),
  );
  for (const [i, state] of states.entries()) {
    const units = axis(1, lowering.emitter.shape(first[state] as string)[1]);
    const axes = byBatch ? [axis(0, batch), dirs, units] : [dirs, axis(0, batch), units];
    lowering.set(
      node.outputs[1 + i],
      flowOf(
        made.map((one) => one[state] as string),
        axes,
      ),
    );
  }
};

interface DirectionOutputs {
  readonly all: string;
  readonly h: string;
  readonly c?: string;
}

/** X as [B,T,I]. */
function steps(lowering: Lowering, node: OnnxNode, byBatch: boolean): string {
  const flow = unstacked(lowering.emitter, lowering.flow(node, 0), node);
  const [batchAxis, timeAxis] = byBatch ? [0, 1] : [1, 0];
  if (flow.axes.length !== 3) throw refused(node, { code: 'reasonMatrices', args: {} });
  checkBatch(lowering, flow, batchAxis, node);
  const arranged = withLast(lowering.emitter, flow, [timeAxis, 2], node);
  return arranged.values[0];
}

/** The batch is this axis of a flow; else a graph input has it elsewhere. */
function checkBatch(lowering: Lowering, flow: Flow, axis: number, node: OnnxNode): void {
  const shape = lowering.emitter.shape(flow.values[0]);
  const { parts } = flow.axes[axis];
  if (parts.length === 1 && parts[0] === 0) return;
  const whereBatchIs = flow.axes.findIndex((one) => one.parts.includes(0));
  const isOne = flow.axes[axis].length === 1;
  if (isOne && (whereBatchIs === -1 || flow.axes[whereBatchIs].length === 1) && parts.length === 0) return;
  const from: InputAxis | undefined = parts.length === 1 ? shape[parts[0]].from : undefined;
  if (from) throw new BatchElsewhere(from.input, from.axis);
  const supposed = shape[0].from;
  if (parts.length === 0 && isOne && supposed) throw new BatchElsewhere(supposed.input, undefined);
  throw refused(node, { code: 'reasonMixesSamples', args: {} });
}

/** The states that a direction begins with, [B,P] and [B,H]; none where all are 0. */
async function initialStates(
  lowering: Lowering,
  node: OnnxNode,
  d: number,
  layer: RecurrentLayer,
  byBatch: boolean,
  x: string,
): Promise<string[]> {
  const inputs = node.opType === 'LSTM' ? [5, 6] : [5];
  const given: (Value | undefined)[] = [];
  for (const input of inputs) {
    const value = lowering.input(node, input);
    const zero = value === undefined || (await isZero(lowering, value));
    given.push(zero ? undefined : value);
    if (zero && value && d === 0) lowering.zeroStates.push({ node, input });
  }
  const states = given.map((value) => value && stateOf(lowering, node, value, d, byBatch));
  return besideZeros(lowering, node, states, [outputSize(layer), layer.hiddenSize], x);
}

/** One direction of an initial state [dirs,B,H] as [B,H]. */
function stateOf(lowering: Lowering, node: OnnxNode, value: Value, d: number, byBatch: boolean): string {
  const { emitter } = lowering;
  const [batchAxis, dirAxis] = byBatch ? [0, 1] : [1, 0];
  if (value.kind !== 'flow' || value.axes.length !== 3)
    throw refused(node, { code: 'reasonInitialState', args: {} });
  const [batch] = emitter.shape(value.values[0]);
  if (!batch.everySample) checkBatch(lowering, value, batchAxis, node);
  const { parts } = value.axes[dirAxis];
  if (parts.length === 1 && parts[0] === stack) {
    const one = flowOf(
      [value.values[d]],
      value.axes.map((axis, i) => (i === dirAxis ? { parts: [], length: 1 } : axis)),
    );
    return regroup(emitter, one, [one.axes[2].parts], node).values[0];
  }
  const single = unstacked(emitter, value, node);
  if (single.axes[dirAxis].parts.length === 0)
    return regroup(emitter, single, [single.axes[2].parts], node).values[0];
  const arranged = withLast(emitter, single, [dirAxis, 2], node);
  const [name] = arranged.values;
  const places = emitter.shape(name);
  return emitter.add(
    { op: 'Select', axis: 1, index: d, inputs: [name] },
    [batch, places[2]],
    nameOf(node),
    name,
  );
}

function direction(
  lowering: Lowering,
  node: OnnxNode,
  layer: RecurrentLayer,
  d: number,
  count: number,
  inputs: readonly string[],
  mask: string | undefined,
): DirectionOutputs {
  const { emitter } = lowering;
  const [batch, time] = emitter.shape(inputs[0]);
  const width: Place = { length: outputSize(layer) };
  const suffix = count > 1 ? `/${layer.direction}` : '';
  const [y, h, c] = [0, 1, 2].map((i) => `${node.outputs[i] || `${nameOf(node)} ${'yhc'[i]}`}${suffix}`);
  const state: Place[] = [batch, width];
  const shapes = [[batch, time, width], state, state, [batch, { length: layer.hiddenSize }]];
  const hints = [y, `${nameOf(node)} last${suffix}`, h, c];
  const outputs = node.opType === 'LSTM' ? 4 : 3;
  const bare: Omit<RecurrentNode, 'outputs' | 'origin'> = {
    op: layer.cell,
    layer,
    inputs,
    ...cellOf(node, d, count),
    ...(mask !== undefined && { mask, zeroMaskedOutput: true }),
    ...(layer.direction === 'backward' && { reverse: true }),
  };
  const [all, , finalH, finalC] = emitter.addAll(bare, shapes.slice(0, outputs), nameOf(node), hints);
  return { all, h: finalH, ...(finalC !== undefined && { c: finalC }) };
}

/** Activations and what else a cell does by the node's attributes. */
function cellOf(node: OnnxNode, d: number, count: number) {
  const functions = cellFunctions(node, count)[d];
  const named = functions.map((one) => activationOf(one, node));
  const [f, g = f, h] = named;
  const clip = node.attributes.get('clip')?.float;
  const base = { ...(clip !== undefined && { clip }) };
  switch (node.opType) {
    case 'LSTM':
      return {
        ...base,
        gateActivation: f,
        activation: g,
        ...(h && JSON.stringify(h) !== JSON.stringify(g) && { outputActivation: h }),
        ...(intOf(node, 'input_forget', 0) !== 0 && { inputForget: true }),
      };
    case 'GRU':
      return {
        ...base,
        gateActivation: f,
        activation: g,
        linearBeforeReset: intOf(node, 'linear_before_reset', 0) !== 0,
      };
    default:
      return { ...base, gateActivation: f, activation: f };
  }
}

const cellOps: Readonly<Record<string, Activation['op']>> = {
  sigmoid: 'Sigmoid',
  tanh: 'Tanh',
  relu: 'Relu',
  hardsigmoid: 'HardSigmoid',
  softplus: 'Softplus',
  softsign: 'Softsign',
  elu: 'Elu',
  leakyrelu: 'LeakyRelu',
  affine: 'Affine',
  scaledtanh: 'ScaledTanh',
  thresholdedrelu: 'ThresholdedRelu',
};
const withConstants: readonly Activation['op'][] = [
  'HardSigmoid',
  'Elu',
  'LeakyRelu',
  'Affine',
  'ScaledTanh',
  'ThresholdedRelu',
];

function activationOf({ name, alpha, beta }: CellFunction, node: OnnxNode): CellActivation {
  const op = entryOf(cellOps, name);
  if (!op) throw refused(node, { code: 'reasonAttribute', args: { name: 'activations' } });
  return withConstants.includes(op) ? { op, alpha, beta } : { op };
}
