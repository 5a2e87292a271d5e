import type { CellActivation } from '../../model/graph.ts';
import { gateEpsilon } from '../../model/recurrentLayer.ts';
import type { AddProduct } from './hybrid.ts';

const { fround } = Math;

/** A gate whose matrices are integers; its bias and peephole are floats [H]. */
export interface HybridGate {
  readonly kernel: AddProduct;
  readonly recurrent: AddProduct;
  readonly bias: Float32Array;
  readonly peephole: Float32Array | undefined;
  /** [H], what the sum is multiplied with where it is normalised, before the bias is added. */
  readonly normalization: Float32Array | undefined;
}

export interface HybridState {
  /** [P] */
  readonly output: Float32Array;
  /** [H], of an LSTM. */
  readonly cell: Float32Array;
  /** [H], what the units put out. */
  readonly hidden: Float32Array;
}

/** One step from x [I]. */
export type HybridStep = (x: Float32Array, state: HybridState) => HybridState;

export interface HybridLstm {
  /** Absent where it is coupled to the forget gate. */
  readonly i: HybridGate | undefined;
  readonly f: HybridGate;
  readonly c: HybridGate;
  readonly o: HybridGate;
  readonly projection: { readonly product: AddProduct; readonly bias: Float32Array } | undefined;
  readonly activation: CellActivation;
  /** 0: none */
  readonly cellClip: number;
  readonly projectionClip: number;
}

/** TensorFlow Lite's LSTM with matrices of integers and all else in float32. */
export function hybridLstmStep({ i, f, c, o, projection, ...options }: HybridLstm): HybridStep {
  const activate = functionOf(options.activation);
  return (x, { output, cell: before }) => {
    const gate = (own: HybridGate, cell: Float32Array) => sumOf(own, x, output, cell).map(sigmoid);
    const forget = gate(f, before);
    const candidate = sumOf(c, x, output, before).map(activate);
    const input = i ? gate(i, before) : forget.map((value) => 1 - value);
    const now = before.map((value, h) =>
      limited(fround(forget[h] * value) + fround(candidate[h] * input[h]), options.cellClip),
    );
    const open = gate(o, now);
    const hidden = now.map((value, h) => open[h] * fround(activate(value)));
    if (!projection) return { output: hidden, cell: now, hidden };
    const next = projection.bias.slice();
    projection.product(hidden, next);
    return { output: next.map((value) => limited(value, options.projectionClip)), cell: now, hidden };
  };
}

/** TensorFlow Lite's plain recurrent layer of the same kind. */
export function hybridRnnStep(gate: HybridGate, activation: CellActivation): HybridStep {
  const activate = functionOf(activation);
  return (x, { output, cell }) => {
    const next = sumOf(gate, x, output, cell).map(activate);
    return { output: next, cell, hidden: next };
  };
}

function sumOf(
  { kernel, recurrent, bias, peephole, normalization }: HybridGate,
  x: Float32Array,
  output: Float32Array,
  cell: Float32Array,
): Float32Array {
  const sums = normalization ? new Float32Array(bias.length) : bias.slice();
  kernel(x, sums);
  recurrent(output, sums);
  if (peephole) for (let h = 0; h < sums.length; h++) sums[h] += fround(peephole[h] * cell[h]);
  return normalization ? normalized(sums, normalization, bias) : sums;
}

/** TensorFlow Lite's layer normalization, in float32. */
function normalized(sums: Float32Array, factor: Float32Array, bias: Float32Array): Float32Array {
  const mean = fround(totalOf(sums) / sums.length);
  const centred = sums.map((sum) => sum - mean);
  const variance = fround(totalOf(centred.map((one) => one * one)) / sums.length);
  const inverse = fround(1 / fround(Math.sqrt(fround(variance + fround(gateEpsilon)))));
  return centred.map((one, h) => fround(fround(one * inverse) * factor[h]) + bias[h]);
}

function totalOf(values: Float32Array): number {
  return values.reduce((sum, value) => fround(sum + value), 0);
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** The activations that an operator of TensorFlow Lite can have. */
function functionOf(activation: CellActivation): (x: number) => number {
  switch (activation.op) {
    case 'Identity':
      return (x) => x;
    case 'Relu':
      return (x) => Math.max(x, 0);
    case 'Clip': {
      const { alpha = -Infinity, beta = Infinity } = activation;
      return (x) => Math.min(Math.max(x, alpha), beta);
    }
    case 'Tanh':
      return Math.tanh;
    default:
      throw new Error(`a hybrid layer with ${activation.op}`);
  }
}

function limited(value: number, limit: number): number {
  return limit > 0 ? Math.min(Math.max(value, -limit), limit) : value;
}
