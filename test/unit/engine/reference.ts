import { outputSize, type RecurrentLayer } from '../../../extension/model/recurrentLayer.ts';
import { at, type MemoryLayer } from '../../support/memoryModel.ts';

/** One number to one number, in float64. */
export type Scalar = (x: number) => number;

export interface CellOptions {
  readonly gate: Scalar;
  readonly act: Scalar;
  /** LSTM: of the cell state; absent: act. */
  readonly outputAct?: Scalar;
  readonly clip?: number;
  readonly cellClip?: number;
  readonly projectionClip?: number;
  readonly inputForget?: boolean;
  readonly linearBeforeReset?: boolean;
  /** [batch][step], 1 = a real step. */
  readonly mask?: readonly (readonly number[])[];
  readonly zeroMaskedOutput?: boolean;
}

/** x [batch][step][input] to all outputs [batch][step][output], the last ones [batch][output], and the last cell states [batch][unit]. */
export function plainRecurrent(
  layer: MemoryLayer,
  x: readonly (readonly (readonly number[])[])[],
  options: CellOptions,
): { sequence: number[][][]; last: number[][]; cell: number[][] } {
  const sequence: number[][][] = [];
  const last: number[][] = [];
  const cell: number[][] = [];
  const zeros = () => new Array(outputSize(layer)).fill(0);
  for (const [b, steps] of x.entries()) {
    let h: number[] = zeros();
    let c: number[] = new Array(layer.hiddenSize).fill(0);
    let output = h;
    const outputs: number[][] = [];
    for (const [t, input] of steps.entries()) {
      const real = (options.mask?.[b][t] ?? 1) === 1;
      if (real) {
        [h, c] = step(layer, input, h, c, options);
        output = h;
      } else if (options.zeroMaskedOutput) output = zeros();
      outputs.push(output);
    }
    sequence.push(outputs);
    last.push(output);
    cell.push(c);
  }
  return { sequence, last, cell };
}

const within = (limit: number | undefined, x: number) =>
  limit === undefined ? x : Math.min(limit, Math.max(-limit, x));

function step(
  layer: MemoryLayer,
  x: readonly number[],
  h: readonly number[],
  c: readonly number[],
  options: CellOptions,
): [number[], number[]] {
  const { linearBeforeReset, clip } = options;
  const gate = (sum: number) => options.gate(within(clip, sum));
  const act = (sum: number) => options.act(within(clip, sum));
  const units = Array.from({ length: layer.hiddenSize }, (_, unit) => unit);
  const bias = (g: number, unit: number, vector: number) => biasAt(layer, g, unit, vector);
  const fromInput = (g: number, unit: number) =>
    x.reduce((sum, value, i) => sum + value * at(layer.kernel.values, layer, g, unit, i), bias(g, unit, 0));
  const fromState = (g: number, unit: number, state: readonly number[]) =>
    layer.diagonal
      ? state[unit] * at(layer.recurrent.values, layer, g, unit, 0) + bias(g, unit, 1)
      : state.reduce(
          (sum, value, i) => sum + value * at(layer.recurrent.values, layer, g, unit, i),
          bias(g, unit, 1),
        );
  const sum = (g: number, unit: number) => fromInput(g, unit) + fromState(g, unit, h);
  switch (layer.cell) {
    case 'LSTM': {
      const [i, f, candidate, o] = ['i', 'f', 'c', 'o'].map((name) =>
        layer.gates.findIndex((one) => one.name === name),
      );
      const seen = (which: number, u: number, cell: readonly number[]) =>
        (peepholesOf(layer)?.values[which * layer.hiddenSize + u] ?? 0) * cell[u];
      const entering = (g: number, which: number, state: readonly number[]) => {
        const sums = units.map((u) => sum(g, u) + (which === -1 ? 0 : seen(which, u, state)));
        return normalized(layer, g, sums, (u) => bias(g, u, 0) + bias(g, u, 1));
      };
      const [intoForget, intoCandidate] = [entering(f, 1, c), entering(candidate, -1, c)];
      const intoInput = i === -1 ? [] : entering(i, 0, c);
      const cell = units.map((u) => {
        const forget = () => gate(intoForget[u]);
        const input = i === -1 ? 1 - forget() : gate(intoInput[u]);
        const kept = options.inputForget ? 1 - input : forget();
        return within(options.cellClip, kept * c[u] + input * act(intoCandidate[u]));
      });
      const outputAct = options.outputAct ?? options.act;
      const hidden = entering(o, 2, cell).map((into, u) => gate(into) * outputAct(cell[u]));
      return [projected(layer, hidden, options), cell];
    }
    case 'GRU': {
      const reset = units.map((u) => gate(sum(1, u)));
      const resetState = h.map((value, u) => value * reset[u]);
      const next = units.map((u) => {
        const inner = linearBeforeReset ? reset[u] * fromState(2, u, h) : fromState(2, u, resetState);
        const z = gate(sum(0, u));
        return z * h[u] + (1 - z) * act(fromInput(2, u) + inner);
      });
      return [next, []];
    }
    case 'RNN':
      return [units.map((u) => act(sum(0, u))), []];
  }
}

/** What goes into a gate, by Ba et al. (2016) where it is normalised: without the bias, which is added afterwards. */
function normalized(
  { gates, further }: MemoryLayer,
  g: number,
  sums: readonly number[],
  biasOf: (unit: number) => number,
): readonly number[] {
  const { normalization } = gates[g];
  const factors = further.find((one) => one === normalization?.parameter);
  if (!factors) return sums;
  const own = sums.map((sum, u) => sum - biasOf(u));
  const mean = own.reduce((all, one) => all + one, 0) / own.length;
  const variance = own.reduce((all, one) => all + (one - mean) ** 2, 0) / own.length;
  return own.map(
    (one, u) => ((one - mean) / Math.sqrt(variance + 1e-8)) * factors.values[g * own.length + u] + biasOf(u),
  );
}

function peepholesOf({ gates, further }: MemoryLayer) {
  return further.find((one) => gates.some(({ peephole }) => peephole?.parameter === one));
}

function projected(layer: MemoryLayer, hidden: readonly number[], { projectionClip }: CellOptions): number[] {
  const array = layer.further.find((one) => one === layer.projection?.parameter);
  const bias = layer.further.find((one) => one === layer.projectionBias?.parameter);
  if (!array) return [...hidden];
  return Array.from({ length: outputSize(layer) }, (_, p) =>
    within(
      projectionClip,
      hidden.reduce(
        (sum, value, u) => sum + value * array.values[p * hidden.length + u],
        bias?.values[p] ?? 0,
      ),
    ),
  );
}

/** The bias array is [vectors, G·H]; a vector that is not there is 0. */
function biasAt(
  { gates, hiddenSize, bias }: MemoryLayer & RecurrentLayer,
  g: number,
  unit: number,
  vector: number,
) {
  return bias?.values[vector * gates.length * hiddenSize + g * hiddenSize + unit] ?? 0;
}
