import type { RecurrentLayer } from '../../../extension/model/recurrentLayer.ts';
import { at, type MemoryLayer } from '../../support/memoryModel.ts';

/** One number to one number, in float64. */
export type Scalar = (x: number) => number;

export interface CellOptions {
  readonly gate: Scalar;
  readonly act: Scalar;
  readonly linearBeforeReset?: boolean;
  /** [batch][step], 1 = a real step. */
  readonly mask?: readonly (readonly number[])[];
  readonly zeroMaskedOutput?: boolean;
}

/** x [batch][step][input] to all outputs [batch][step][unit] and the last ones [batch][unit]. */
export function plainRecurrent(
  layer: MemoryLayer,
  x: readonly (readonly (readonly number[])[])[],
  options: CellOptions,
): { sequence: number[][][]; last: number[][] } {
  const sequence: number[][][] = [];
  const last: number[][] = [];
  for (const [b, steps] of x.entries()) {
    let h: number[] = new Array(layer.hiddenSize).fill(0);
    let c: number[] = new Array(layer.hiddenSize).fill(0);
    let output = h;
    const outputs: number[][] = [];
    for (const [t, input] of steps.entries()) {
      const real = (options.mask?.[b][t] ?? 1) === 1;
      if (real) {
        [h, c] = step(layer, input, h, c, options);
        output = h;
      } else if (options.zeroMaskedOutput) output = new Array(layer.hiddenSize).fill(0);
      outputs.push(output);
    }
    sequence.push(outputs);
    last.push(output);
  }
  return { sequence, last };
}

function step(
  layer: MemoryLayer,
  x: readonly number[],
  h: readonly number[],
  c: readonly number[],
  { gate, act, linearBeforeReset }: CellOptions,
): [number[], number[]] {
  const units = Array.from({ length: layer.hiddenSize }, (_, unit) => unit);
  const bias = (g: number, unit: number, vector: number) => biasAt(layer, g, unit, vector);
  const fromInput = (g: number, unit: number) =>
    x.reduce((sum, value, i) => sum + value * at(layer.kernel.values, layer, g, unit, i), bias(g, unit, 0));
  const fromState = (g: number, unit: number, state: readonly number[]) =>
    state.reduce(
      (sum, value, i) => sum + value * at(layer.recurrent.values, layer, g, unit, i),
      bias(g, unit, 1),
    );
  const sum = (g: number, unit: number) => fromInput(g, unit) + fromState(g, unit, h);
  switch (layer.cell) {
    case 'LSTM': {
      const cell = units.map((u) => gate(sum(1, u)) * c[u] + gate(sum(0, u)) * act(sum(2, u)));
      return [units.map((u) => gate(sum(3, u)) * act(cell[u])), cell];
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

/** The bias array is [vectors, G·H]; a vector that is not there is 0. */
function biasAt(
  { gates, hiddenSize, bias }: MemoryLayer & RecurrentLayer,
  g: number,
  unit: number,
  vector: number,
) {
  return bias?.values[vector * gates.length * hiddenSize + g * hiddenSize + unit] ?? 0;
}
