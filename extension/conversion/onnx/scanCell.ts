import type { GateView } from '../../model/gateView.ts';
import type { CellActivation, RecurrentNode } from '../../model/graph.ts';
import { gateEpsilon, isNormalized, outputSize } from '../../model/recurrentLayer.ts';
import { orderedGates, sideBySide, stacked } from '../gateMatrices.ts';
import { activateCell } from './activation.ts';
import type { OnnxBuilder } from './builder.ts';
import type { CellOperator } from './cellOperator.ts';
import type { Values } from './values.ts';

/**
 * A recurrent layer as a Scan (ONNX 16) over the steps of x [B,T,I] that carries h and, of an LSTM, c.
 * @param operator what computes a step where ONNX' own operator can; else the cell is spelled out
 */
export function scanCell(
  b: OnnxBuilder,
  node: RecurrentNode,
  values: Values,
  operator: CellOperator | undefined,
): void {
  const [x, ...initial] = node.inputs;
  const source = values.of(x);
  const { layer } = node;
  const widths = node.op === 'LSTM' ? [outputSize(layer), layer.hiddenSize] : [layer.hiddenSize];
  const states = widths.map((width, i) =>
    initial[i] === undefined ? zeros(b, source, width) : values.of(initial[i]),
  );
  const lastOutput = node.zeroMaskedOutput ? zeros(b, source, widths[0]) : states[0];
  const spelled = operator ? undefined : cellWeights(b, node);
  const mask = node.mask === undefined ? undefined : values.mask(node.mask);
  const steps = [source, ...(mask === undefined ? [] : [mask])];
  const carried = [lastOutput, ...states];
  const inner = (what: string) => b.fresh(what);
  const [output, ...held] = carried.map((_, i) => inner(`state_${i}`));
  const [now, ...real] = steps.map((_, i) => inner(`step_${i}`));
  const typed = (name: string, type: 'float32' | 'bool' = 'float32') => ({ name, type });
  const graph = b.body(
    [...[output, ...held, now].map((name) => typed(name)), ...real.map((name) => typed(name, 'bool'))],
    (body) => {
      const next = spelled ? cell(body, node, spelled, now, held) : oneStep(body, node, operator, now, held);
      const here = real[0] === undefined ? undefined : body.add('Unsqueeze', [real[0], body.ints([1])]);
      const kept = next.map((value, i) =>
        here === undefined ? value : body.add('Where', [here, value, held[i]]),
      );
      const masked = here !== undefined && node.zeroMaskedOutput;
      const put = masked ? body.add('Where', [here, next[0], body.floats(0)]) : kept[0];
      const names = [put, ...kept, put].map((value) => body.add('Identity', [value]));
      return names.map((name) => typed(name));
    },
  );
  const direction = node.reverse ? 1 : 0;
  const results = b.addMany('Scan', [...carried, ...steps], carried.length + 1, {
    body: { graph },
    num_scan_inputs: { int: steps.length },
    scan_input_axes: { ints: steps.map(() => 1) },
    scan_input_directions: { ints: steps.map(() => direction) },
    scan_output_axes: { ints: [1] },
    scan_output_directions: { ints: [direction] },
  });
  const [sequence, last, ...finals] = node.outputs;
  if (sequence !== undefined) values.set(sequence, results[carried.length]);
  if (last !== undefined) values.set(last, results[0]);
  for (const [i, final] of finals.entries()) if (i < states.length) values.set(final, results[1 + i]);
}

/** A step by the operator, as a sequence of one step [1,B,I]. */
function oneStep(
  b: OnnxBuilder,
  { op }: RecurrentNode,
  operator: CellOperator | undefined,
  x: string,
  state: readonly string[],
): string[] {
  if (!operator) throw new Error('a step is computed by an operator or spelled out');
  const { kernel, recurrent, bias, peepholes, attributes } = operator;
  const first = (value: string) => b.add('Unsqueeze', [value, b.ints([0])]);
  const states = state.map(first);
  const inputs = [first(x), kernel, recurrent, bias, '', ...states, ...(op === 'LSTM' ? [peepholes] : [])];
  while (inputs.at(-1) === '') inputs.pop();
  const [, ...next] = b.addMany(op, inputs, 1 + states.length, attributes);
  return next.map((value) => b.add('Squeeze', [value, b.ints([0])]));
}

/** Zeros [B,width] for the batch of x. */
function zeros(b: OnnxBuilder, x: string, width: number): string {
  const batch = b.add('Shape', [x], { start: { int: 0 }, end: { int: 1 } });
  return b.add('ConstantOfShape', [b.add('Concat', [batch, b.ints([width])], { axis: { int: 0 } })]);
}

interface CellWeights {
  /** [I, G·H] and [P, G·H], gates in ONNX' order; of a GRU that resets h itself without the candidate. */
  readonly kernel: string;
  readonly recurrent: string;
  /** [G·H] each, where the layer has them. */
  readonly biases: readonly (string | undefined)[];
  /** [P, H] and [H], what such a candidate sees of h. */
  readonly candidate: string | undefined;
  readonly candidateBias: string | undefined;
  /** [H] of each gate. */
  readonly peepholes: readonly (string | undefined)[];
  /** [H] of each gate that is normalised: what that is multiplied with, and what may be added then. */
  readonly normalizations: readonly (readonly string[] | undefined)[];
  /** [H, P] and [P] */
  readonly projection: string | undefined;
  readonly projectionBias: string | undefined;
}

function cellWeights(b: OnnxBuilder, { layer, op, linearBeforeReset }: RecurrentNode): CellWeights {
  const gates = orderedGates(layer);
  const { hiddenSize } = layer;
  const resetsFirst = op === 'GRU' && !linearBeforeReset;
  const together = resetsFirst ? gates.slice(0, 2) : gates;
  const [h] = resetsFirst ? gates.slice(2) : [];
  // Kernels are kept [in, out], as MatMul wants them: all gates side by side.
  const matrix = (what: string, rows: number, views: readonly (GateView | undefined)[]) =>
    b.weights(what, [rows, views.length * hiddenSize], () => sideBySide(views, rows, hiddenSize));
  const vector = (what: string, views: readonly (GateView | undefined)[], size: number) =>
    views.some((view) => view)
      ? b.weights(what, [views.length * size], () => stacked(views, size))
      : undefined;
  const { projection, projectionBias } = layer;
  return {
    kernel: matrix(
      'kernel',
      layer.inputSize,
      gates.map((gate) => gate?.kernel),
    ),
    recurrent: matrix(
      'recurrent',
      outputSize(layer),
      together.map((gate) => gate?.recurrent),
    ),
    biases: isNormalized(layer)
      ? []
      : [gates, together].map((own, v) =>
          vector(
            'bias',
            own.map((gate) => gate?.biases[v]),
            hiddenSize,
          ),
        ),
    candidate: h && matrix('candidate', outputSize(layer), [h.recurrent]),
    candidateBias: vector('candidateBias', [h?.biases[1]], hiddenSize),
    peepholes: gates.map((gate) => vector('peephole', [gate?.peephole], hiddenSize)),
    normalizations: gates.map((gate) => {
      const factors = vector('normalization', [gate?.normalization], hiddenSize);
      const bias = factors && vector('bias', [gate?.biases[0]], hiddenSize);
      return factors === undefined ? undefined : [factors, ...(bias === undefined ? [] : [bias])];
    }),
    projection:
      projection &&
      b.weights('projection', [hiddenSize, projection.rows], () =>
        sideBySide([projection], hiddenSize, projection.rows),
      ),
    projectionBias: projectionBias && vector('projectionBias', [projectionBias], projectionBias.rows),
  };
}

/** One step of the cell: the next h and, of an LSTM, c. */
function cell(
  b: OnnxBuilder,
  node: RecurrentNode,
  weights: CellWeights,
  x: string,
  state: readonly string[],
): string[] {
  const [h] = state;
  const plus = (value: string, bias: string | undefined) =>
    bias === undefined ? value : b.add('Add', [value, bias]);
  const input = plus(b.add('MatMul', [x, weights.kernel]), weights.biases[0]);
  const own = plus(b.add('MatMul', [h, weights.recurrent]), weights.biases[1]);
  switch (node.op) {
    case 'RNN':
      return [activateCell(b, node.activation, clipped(b, b.add('Add', [input, own]), node.clip))];
    case 'GRU':
      return gru(b, node, weights, input, own, h);
    case 'LSTM':
      return lstm(b, node, weights, b.add('Add', [input, own]), state[1]);
  }
}

function clipped(b: OnnxBuilder, x: string, limit: number | undefined): string {
  return limit === undefined ? x : b.add('Clip', [x, b.floats(-limit), b.floats(limit)]);
}

function split(b: OnnxBuilder, x: string, count: number): string[] {
  return b.addMany('Split', [x], count, { axis: { int: 1 } });
}

/** i, o, f = gate(…), c' = f c + i act(…), h' = o out(c'), projected where the layer does. */
function lstm(b: OnnxBuilder, node: RecurrentNode, weights: CellWeights, z: string, c: string): string[] {
  const { gateActivation, activation, outputActivation = activation, clip } = node;
  const parts = split(b, z, 4);
  const gate = (g: number, cellState: string, how: CellActivation = gateActivation) => {
    const hole = weights.peepholes[g];
    const seen = hole === undefined ? parts[g] : b.add('Add', [parts[g], b.add('Mul', [hole, cellState])]);
    return activateCell(b, how, clipped(b, normalized(b, seen, weights.normalizations[g]), clip));
  };
  const rest = (other: string) => b.add('Sub', [b.floats(1), other]);
  const hasInputGate = node.layer.gates.some(({ name }) => name === 'i');
  const forget = node.inputForget && hasInputGate ? undefined : gate(2, c);
  const i = forget !== undefined && !hasInputGate ? rest(forget) : gate(0, c);
  const f = forget ?? rest(i);
  const candidate = gate(3, c, activation);
  const sum = b.add('Add', [b.add('Mul', [f, c]), b.add('Mul', [i, candidate])]);
  const next = clipped(b, sum, node.cellClip);
  const h = b.add('Mul', [gate(1, next), activateCell(b, outputActivation, next)]);
  if (weights.projection === undefined) return [h, next];
  const projected = b.add('MatMul', [h, weights.projection]);
  const moved =
    weights.projectionBias === undefined ? projected : b.add('Add', [projected, weights.projectionBias]);
  return [clipped(b, moved, node.projectionClip), next];
}

/** To mean 0 and variance 1 over the units, times the first of the weights, plus the second; as it is where there are none. */
function normalized(b: OnnxBuilder, x: string, weights: readonly string[] | undefined): string {
  if (!weights) return x;
  return b.add('LayerNormalization', [x, ...weights], { axis: { int: -1 }, epsilon: { float: gateEpsilon } });
}

/** z, r = gate(…), h' = z h + (1 − z) act(…), the reset gate before or behind the recurrent product. */
function gru(
  b: OnnxBuilder,
  node: RecurrentNode,
  weights: CellWeights,
  input: string,
  own: string,
  h: string,
): string[] {
  const { gateActivation, activation, clip, linearBeforeReset } = node;
  const [xz, xr, xh] = split(b, input, 3);
  const [hz, hr, hh] = split(b, own, linearBeforeReset ? 3 : 2);
  const gate = (a: string, c: string) =>
    activateCell(b, gateActivation, clipped(b, b.add('Add', [a, c]), clip));
  const z = gate(xz, hz);
  const r = gate(xr, hr);
  const inner = linearBeforeReset ? b.add('Mul', [r, hh]) : resetFirst(b, weights, r, h);
  const candidate = activateCell(b, activation, clipped(b, b.add('Add', [xh, inner]), clip));
  const kept = b.add('Mul', [z, h]);
  return [b.add('Add', [kept, b.add('Mul', [b.add('Sub', [b.floats(1), z]), candidate])])];
}

/** (r h) R + rb of the candidate. */
function resetFirst(b: OnnxBuilder, { candidate, candidateBias }: CellWeights, r: string, h: string): string {
  const product = b.add('MatMul', [b.add('Mul', [r, h]), candidate ?? '']);
  return candidateBias === undefined ? product : b.add('Add', [product, candidateBias]);
}
