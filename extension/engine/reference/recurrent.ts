import {
  type CellFunctions,
  lstmBackward,
  lstmForward,
  type StepRecord,
  type Units,
} from './recurrentCells.ts';

/*
 * A recurrent layer, plainly: one sample after the other, one step after the other, in float64. What the kernels compute is
 * held against this.
 */

type Values = Float64Array | Float32Array;

export interface RecurrentProblem extends CellFunctions {
  readonly batch: number;
  readonly steps: number;
  readonly inputs: number;
  readonly units: number;
  readonly reverse?: boolean;
  readonly zeroMaskedOutput?: boolean;
  /** [B,T,I] */
  readonly x: Values;
  /** [B,H]; absent: zeros. */
  readonly h?: Values;
  readonly c?: Values;
  /** [B,T], 0 where the state is held. */
  readonly mask?: Values;
  /** Factors [B,I] of the inputs, and [B,H] of the h that enters the recurrent matrix. */
  readonly dropout?: Values;
  readonly recurrentDropout?: Values;
  /** [G·H, I], gates in canonical order. */
  readonly kernel: Values;
  /** [G·H, H] */
  readonly recurrent: Values;
  /** [G·H]; with the reset after the product, the second one's part of h~ is inside the reset. */
  readonly inputBias?: Values;
  readonly recurrentBias?: Values;
}

export interface RecurrentOutputs {
  /** [B,T,H] */
  readonly sequence: Float64Array;
  /** [B,H] each */
  readonly last: Float64Array;
  readonly final: Float64Array;
  readonly finalCell: Float64Array;
}

/** Gradients of whatever the problem has. */
export interface RecurrentGradients {
  readonly x: Float64Array;
  readonly h: Float64Array;
  readonly c: Float64Array;
  readonly kernel: Float64Array;
  readonly recurrent: Float64Array;
  readonly inputBias: Float64Array;
  readonly recurrentBias: Float64Array;
}

/** What the backward pass needs of a step; undefined where the state was held. */
type Records = (StepRecord | undefined)[][];

export function recurrentForward(problem: RecurrentProblem): RecurrentOutputs {
  return forward(problem).outputs;
}

/** The gates behind their activations [B,T,G·H], in canonical order; NaN at steps at which the state is held. */
export function recurrentGates(problem: RecurrentProblem): Float64Array {
  const { batch, steps, inputs, kernel } = problem;
  const width = kernel.length / Math.max(1, inputs);
  const gates = new Float64Array(batch * steps * width).fill(Number.NaN);
  for (const [b, records] of forward(problem).records.entries()) {
    for (const [t, record] of records.entries()) if (record) gates.set(record.gates, (b * steps + t) * width);
  }
  return gates;
}

/** @param upstream gradients of the outputs; absent: zeros */
export function recurrentGradients(
  problem: RecurrentProblem,
  upstream: Partial<RecurrentOutputs>,
): RecurrentGradients {
  const { batch, steps, inputs, units, kind } = problem;
  const { records } = forward(problem);
  const rows = problem.kernel.length / Math.max(1, inputs);
  const gradients: RecurrentGradients = {
    x: new Float64Array(batch * steps * inputs),
    h: new Float64Array(batch * units),
    c: new Float64Array(batch * units),
    kernel: new Float64Array(rows * inputs),
    recurrent: new Float64Array(rows * units),
    inputBias: new Float64Array(rows),
    recurrentBias: new Float64Array(rows),
  };
  for (let b = 0; b < batch; b++) {
    const dh = slice(upstream.final, b, units);
    const dc = slice(upstream.finalCell, b, units);
    const lastReal = steps > 0 && records[b][timeOf(problem, steps - 1)] !== undefined;
    if (lastReal || !problem.zeroMaskedOutput) add(dh, slice(upstream.last, b, units));
    for (let s = steps - 1; s >= 0; s--) {
      const t = timeOf(problem, s);
      const record = records[b][t];
      if (record || !problem.zeroMaskedOutput) add(dh, slice(upstream.sequence, b * steps + t, units));
      if (record) backwardStep(problem, gradients, record, b, t, dh, dc);
    }
    gradients.h.set(dh, b * units);
    if (kind === 'LSTM') gradients.c.set(dc, b * units);
  }
  return gradients;
}

function forward(problem: RecurrentProblem): { outputs: RecurrentOutputs; records: Records } {
  const { batch, steps, units } = problem;
  const outputs: RecurrentOutputs = {
    sequence: new Float64Array(batch * steps * units),
    last: new Float64Array(batch * units),
    final: new Float64Array(batch * units),
    finalCell: new Float64Array(batch * units),
  };
  const records: Records = [];
  for (let b = 0; b < batch; b++) {
    let h = slice(problem.h, b, units);
    let c = slice(problem.c, b, units);
    let last = problem.zeroMaskedOutput ? new Float64Array(units) : h;
    const kept: (StepRecord | undefined)[] = new Array(steps).fill(undefined);
    for (let s = 0; s < steps; s++) {
      const t = timeOf(problem, s);
      const real = problem.mask ? problem.mask[b * steps + t] !== 0 : true;
      if (real) {
        const { record, output, cell } = forwardStep(problem, b, t, h, c);
        kept[t] = record;
        [h, c] = [output, cell];
      }
      last = real || !problem.zeroMaskedOutput ? h : new Float64Array(units);
      outputs.sequence.set(last, (b * steps + t) * units);
    }
    outputs.last.set(last, b * units);
    outputs.final.set(h, b * units);
    outputs.finalCell.set(c, b * units);
    records.push(kept);
  }
  return { outputs, records };
}

function forwardStep(problem: RecurrentProblem, b: number, t: number, h: Units, c: Units) {
  const { kind, gate, activation, inputs, units, recurrent } = problem;
  const entering = enteringState(problem, b, h);
  const fromInput = product(problem.kernel, inputs, inputOf(problem, b, t), problem.inputBias);
  const bias = problem.recurrentBias;
  const fromState = product(recurrent, units, entering, bias);
  const sums = fromInput.map((value, k) => value + fromState[k]);
  if (kind === 'LSTM') {
    const { gates, inner, cell, output } = lstmForward(sums, c, problem);
    return { record: { gates, inner, h, c }, output, cell };
  }
  if (kind === 'RNN') {
    const gates = sums.map(activation.apply);
    return { record: { gates, inner: gates, h, c }, output: gates, cell: c };
  }
  // GRU (Cho et al. 2014), gates z, r, h~.
  const z = sums.subarray(0, units).map(gate.apply);
  const r = sums.subarray(units, 2 * units).map(gate.apply);
  const inner =
    kind === 'resetAfter'
      ? fromState.slice(2 * units)
      : product(
          recurrent.subarray(2 * units * units),
          units,
          entering.map((value, u) => r[u] * value),
          bias?.subarray(2 * units),
        );
  const candidate = inner.map((value, u) =>
    activation.apply(fromInput[2 * units + u] + (kind === 'resetAfter' ? r[u] * value : value)),
  );
  const output = h.map((before, u) => z[u] * before + (1 - z[u]) * candidate[u]);
  return { record: { gates: Float64Array.of(...z, ...r, ...candidate), inner, h, c }, output, cell: c };
}

/** Replaces the gradients of h' and c' by those of h and c, and adds to the others. */
function backwardStep(
  problem: RecurrentProblem,
  gradients: RecurrentGradients,
  record: StepRecord,
  b: number,
  t: number,
  dh: Units,
  dc: Units,
): void {
  const { kind, units, inputs, gate, activation } = problem;
  const { gates, inner, h } = record;
  const entering = enteringState(problem, b, h);
  const dEntering = new Float64Array(units);
  const direct = new Float64Array(units);
  let dz: Units = new Float64Array(gates.length);
  // Gradients of the recurrent part of the sums, and what it was multiplied with.
  let dRecurrent = dz;
  const operands: Units[] =
    gates.length === 0 ? [] : Array.from({ length: gates.length / units }, () => entering);
  if (kind === 'LSTM') {
    const step = lstmBackward(record, dh, dc, problem);
    dz = step.dz;
    dRecurrent = dz;
    dc.set(step.dc);
  } else if (kind === 'RNN') {
    for (let u = 0; u < units; u++) dz[u] = dh[u] * activation.slope(gates[u]);
  } else {
    dRecurrent = new Float64Array(gates.length);
    for (let u = 0; u < units; u++) {
      const [z, candidate] = [gates[u], gates[2 * units + u]];
      dz[u] = dh[u] * (h[u] - candidate) * gate.slope(z);
      dz[2 * units + u] = dh[u] * (1 - z) * activation.slope(candidate);
      direct[u] = dh[u] * z;
    }
    const dCandidate = dz.subarray(2 * units);
    const reset = gates.subarray(units, 2 * units);
    let dReset: Units;
    if (kind === 'resetAfter') dReset = inner.map((value, u) => value * dCandidate[u]);
    else {
      const through = transposed(problem.recurrent.subarray(2 * units * units), units, dCandidate);
      dReset = through.map((value, u) => value * entering[u]);
      for (let u = 0; u < units; u++) dEntering[u] += through[u] * reset[u];
      operands[2] = entering.map((value, u) => value * reset[u]);
    }
    for (let u = 0; u < units; u++) dz[units + u] = dReset[u] * gate.slope(reset[u]);
    dRecurrent.set(dz);
    if (kind === 'resetAfter') for (let u = 0; u < units; u++) dRecurrent[2 * units + u] *= reset[u];
  }
  const rows = kind === 'GRU' ? 2 * units : dRecurrent.length;
  add(
    dEntering,
    transposed(problem.recurrent.subarray(0, rows * units), units, dRecurrent.subarray(0, rows)),
  );
  for (let u = 0; u < units; u++) {
    dh[u] = direct[u] + dEntering[u] * (problem.recurrentDropout?.[b * units + u] ?? 1);
  }
  const x = inputOf(problem, b, t);
  const dx = transposed(problem.kernel, inputs, dz);
  for (let i = 0; i < inputs; i++) {
    gradients.x[(b * problem.steps + t) * inputs + i] = dx[i] * (problem.dropout?.[b * inputs + i] ?? 1);
  }
  for (let k = 0; k < dz.length; k++) {
    gradients.inputBias[k] += dz[k];
    gradients.recurrentBias[k] += dRecurrent[k];
    const operand = operands[Math.floor(k / units)];
    for (let i = 0; i < inputs; i++) gradients.kernel[k * inputs + i] += dz[k] * x[i];
    for (let u = 0; u < units; u++) gradients.recurrent[k * units + u] += dRecurrent[k] * operand[u];
  }
}

/** Step s of the computation is this step of the tensors. */
function timeOf({ reverse, steps }: RecurrentProblem, s: number): number {
  return reverse ? steps - 1 - s : s;
}

function inputOf({ x, dropout, steps, inputs }: RecurrentProblem, b: number, t: number): Units {
  const input = slice(x, b * steps + t, inputs);
  return dropout ? input.map((value, i) => value * dropout[b * inputs + i]) : input;
}

function enteringState({ recurrentDropout, units }: RecurrentProblem, b: number, h: Units): Units {
  return recurrentDropout ? h.map((value, u) => value * recurrentDropout[b * units + u]) : h;
}

/** Row `n` of a matrix with rows of `width` values; zeros where there is none. A copy. */
function slice(values: Values | undefined, n: number, width: number): Units {
  return values ? Float64Array.from(values.subarray(n * width, (n + 1) * width)) : new Float64Array(width);
}

function add(target: Units, values: Units): void {
  for (let i = 0; i < target.length; i++) target[i] += values[i];
}

/** W · v + bias, W [rows, width]. */
function product(matrix: Values, width: number, vector: Units, bias: Values | undefined): Units {
  return Float64Array.from({ length: matrix.length / width }, (_, row) => {
    let sum = bias ? bias[row] : 0;
    for (let k = 0; k < width; k++) sum += matrix[row * width + k] * vector[k];
    return sum;
  });
}

/** Wᵀ · v. */
function transposed(matrix: Values, width: number, vector: Units): Units {
  const result = new Float64Array(width);
  for (let row = 0; row < vector.length; row++) {
    for (let k = 0; k < width; k++) result[k] += matrix[row * width + k] * vector[row];
  }
  return result;
}
