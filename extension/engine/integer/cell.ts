import type { CellGrids } from '../../model/integers.ts';
import { sigmoidTable, tanhTable } from './fixedActivations.ts';
import { clamped, type Multiplier, multiplied, multiplierOf, roundedShift } from './fixedPoint.ts';
import { layerNormalization } from './normalization.ts';
import { type IntegerMatrix, rowSums, rowTimes } from './weights.ts';

const { fround } = Math;
/** Gates have 3 integer bits and 12 fractional ones before their activation, none and 15 behind it. */
const gateScale = 2 ** -12;

/** A gate of an LSTM of integers. */
export interface IntegerGate {
  readonly kernel: IntegerMatrix;
  readonly recurrent: IntegerMatrix;
  /** [H], which the kernels take to be in the scale of the kernel times that of the input, whatever the file says. */
  readonly bias: Int32Array | undefined;
  /** [H], one matrix of one column. */
  readonly peephole: IntegerMatrix | undefined;
  /** Where the sum is normalised, [H, 1] by which it is multiplied then, and the scale of the sum. */
  readonly normalization: { readonly factors: IntegerMatrix; readonly scale: number } | undefined;
}

export interface IntegerCell {
  readonly grids: CellGrids;
  /** Absent where it is coupled to the forget gate. */
  readonly i: IntegerGate | undefined;
  readonly f: IntegerGate;
  readonly c: IntegerGate;
  readonly o: IntegerGate;
  readonly projection: { readonly matrix: IntegerMatrix; readonly bias: Int32Array | undefined } | undefined;
  /** 0: none */
  readonly cellClip: number;
  readonly projectionClip: number;
}

/** The state between two steps: output [P] and cell state [H], integers on their grids, and what the units put out [H]. */
export interface IntegerState {
  readonly output: Int32Array;
  readonly cell: Int32Array;
  readonly hidden: Int32Array;
}

/** One step from x [I], integers. */
export type IntegerStep = (x: Int32Array, state: IntegerState) => IntegerState;

/**
 * TensorFlow Lite's LSTM with 8-bit inputs, weights and outputs and 16-bit gates and cell state ("8x8_16").
 * Every product is scaled and rounded by itself, sums saturate.
 */
export function integerStep(cell: IntegerCell): IntegerStep {
  const { grids, projection } = cell;
  const cellBits = Math.round(Math.log2(grids.cell.scale));
  const sigmoid = sigmoidTable(3);
  const tanh = tanhTable(3);
  // The interpreter has it from 0 to 6 integer bits. Beyond, it leaves the input gate where the tanh should come to stand, and goes on.
  const tanhOfCell = cellBits >= -15 && cellBits <= -9 ? tanhTable(15 + cellBits) : undefined;
  const [i, f, c, o] = [cell.i, cell.f, cell.c, cell.o].map((gate) => gate && gateSum(gate, grids));
  const toHidden = multiplierOf(fround((2 ** -15 / grids.hidden.scale) * 2 ** -15));
  const projected = projection && projectionOf(projection, grids);
  const [cellLimit, outputLimit] = [
    limitOf(cell.cellClip, grids.cell.scale, 32767),
    limitOf(cell.projectionClip, grids.output.scale, 127),
  ];
  if (!f || !c || !o) throw new Error('an LSTM of integers lacks a gate');
  return (x, { output, cell: before }) => {
    const forget = f(x, output, before).map((sum) => sigmoid[sum + 32768]);
    const candidate = c(x, output, before).map((sum) => tanh[sum + 32768]);
    const input = i
      ? i(x, output, before).map((sum) => sigmoid[sum + 32768])
      : forget.map((gate) => 32767 - gate);
    const now = before.map((value, h) => {
      const kept = roundedShift(forget[h] * value, 15);
      const added = roundedShift(input[h] * candidate[h], 30 + cellBits);
      return limited(clamped(kept + added, -32768, 32767), cellLimit);
    });
    const gate = o(x, output, now).map((sum) => sigmoid[sum + 32768]);
    const hidden = now.map((value, h) => {
      const product = multiplied(gate[h] * (tanhOfCell ? tanhOfCell[value + 32768] : input[h]), toHidden);
      return clamped(product + grids.hidden.zeroPoint, -128, 127);
    });
    const next = projected ? projected(hidden).map((value) => limited(value, outputLimit)) : hidden;
    return { output: next, cell: now, hidden };
  };
}

/**
 * What goes into a gate's activation: both products and the peephole's, each saturating in 16 bits, and that normalised where the gate is.
 */
function gateSum(
  { kernel, recurrent, bias, peephole, normalization }: IntegerGate,
  { input, state, cell }: CellGrids,
): (x: Int32Array, output: Int32Array, cell: Int32Array) => Int32Array {
  const normalize = normalization && layerNormalization(normalization.factors, bias);
  const sumScale = normalization?.scale ?? gateScale;
  const fromInput = scaledProduct(
    kernel,
    normalize ? undefined : bias,
    input.zeroPoint,
    fround(fround(kernel.scale[0] * input.scale) / sumScale),
  );
  const fromState = scaledProduct(
    recurrent,
    undefined,
    state.zeroPoint,
    fround(fround(recurrent.scale[0] * state.scale) / sumScale),
  );
  const seen = peephole && multiplierOf(fround((cell.scale * peephole.scale[0]) / sumScale));
  return (x, output, cellState) => {
    const sums = fromInput(x);
    for (const [h, product] of fromState(output).entries()) {
      const sum = clamped(clamped(sums[h], -32768, 32767) + product, -32768, 32767);
      // The interpreter goes over as many peepholes as there are outputs, which behind a projection are fewer than units.
      const hole =
        peephole && seen && h < output.length ? multiplied(peephole.integers[h] * cellState[h], seen) : 0;
      sums[h] = clamped(sum + hole, -32768, 32767);
    }
    normalize?.(sums);
    return sums;
  };
}

/** (W (x − zeroPoint) + bias) · factor in fixed point. */
function scaledProduct(
  matrix: IntegerMatrix,
  bias: Int32Array | undefined,
  zeroPoint: number,
  factor: number,
): (x: Int32Array) => Int32Array {
  const multiplier: Multiplier = multiplierOf(factor);
  const constant = rowSums(matrix).map((sum, row) => (bias?.[row] ?? 0) - zeroPoint * sum);
  return (x) => constant.map((own, row) => multiplied(own + rowTimes(matrix, row, x), multiplier));
}

function projectionOf(
  { matrix, bias }: NonNullable<IntegerCell['projection']>,
  { hidden, state }: CellGrids,
): (hidden: Int32Array) => Int32Array {
  const factor = fround(fround(matrix.scale[0] * hidden.scale) / state.scale);
  const product = scaledProduct(matrix, bias, hidden.zeroPoint, factor);
  return (units) => product(units).map((sum) => clamped(sum + state.zeroPoint, -128, 127));
}

/** A clip as an integer, of the magnitudes of integers; 0: none. */
function limitOf(clip: number, scale: number, greatest: number): number {
  return clip > 0 ? Math.trunc(Math.min(clip / scale, greatest)) : 0;
}

function limited(value: number, limit: number): number {
  return limit > 0 ? clamped(value, -limit, limit) : value;
}
