import type { Grid, Integers } from '../../../model/integers.ts';
import { outputSize } from '../../../model/recurrentLayer.ts';
import { gridOf, isIntegerMatrix } from '../grid.ts';
import { type Places, type RecurrentOperator, recurrentOperators } from '../recurrent.ts';
import { type TfliteOperator, type TfliteTensor, tensorTypes } from '../schema.ts';
import type { Builder } from './builder.ts';
import { inputGrid, outputGrid } from './integers.ts';

const { float32, int8, int16, int32 } = tensorTypes;

/** Types that the interpreter computes recurrent operators with (TensorFlow 2.21). */
const typesOf = {
  floats: { matrix: float32, peephole: float32, normalization: float32, bias: float32 },
  hybrid: { matrix: int8, peephole: int8, normalization: float32, bias: float32 },
  integers: { matrix: int8, peephole: int16, normalization: int16, bias: int32 },
};

/**
 * How a layer is computed; undefined where in floats. Refuses what the interpreter refuses, or reads as something else than the file
 * says: of a matrix it knows one scale and no zero point.
 */
export function recurrentIntegers(b: Builder, operator: TfliteOperator): Integers | undefined {
  const kind = recurrentOperators.get(operator.code);
  if (!kind) return undefined;
  const { cell, places, fields } = kind;
  const weights = b.tensor(operator, places[0].kernel.at(-1) ?? -1);
  const input = inputGrid(b, operator, 0);
  if (input && (cell !== 'LSTM' || places.length > 1))
    throw b.refuse(operator, { code: 'reasonFloatInputs', args: {} });
  const way = input ? 'integers' : weights && isIntegerMatrix(weights) ? 'hybrid' : 'floats';
  for (const place of places) checkWeights(b, operator, place, way);
  if (way === 'floats') return undefined;
  if (!input) return { kind: 'hybrid', asymmetric: operator.options?.bool(fields.asymmetric) ?? false };
  return integerLstm(b, operator, kind);
}

function checkWeights(b: Builder, operator: TfliteOperator, place: Places, way: keyof typeof typesOf): void {
  const { matrix, peephole, normalization, bias } = typesOf[way];
  const isThere = (input: number) => b.tensor(operator, input) !== undefined;
  const check = (inputs: readonly (number | undefined)[], type: number) => {
    for (const input of inputs) {
      const tensor = b.tensor(operator, input ?? -1);
      if (tensor && !isKept(tensor, type))
        throw b.refuse(operator, { code: 'reasonInputType', args: { input: String(input) } });
    }
  };
  const isDiagonal = (input: number) => b.tensor(operator, input)?.shape.length === 1;
  const diagonals = place.recurrent.filter(isDiagonal);
  const matrices = place.recurrent.filter((input) => !isDiagonal(input) && isThere(input));
  if (diagonals.length > 0 && matrices.length > 0)
    throw b.refuse(operator, { code: 'reasonSomeDiagonals', args: {} });
  check([...place.kernel, ...matrices, ...(place.auxiliary ?? []), place.projection], matrix);
  // Beside integers they stay floats, and in integers throughout there are none.
  check(diagonals, float32);
  if (way === 'integers' && diagonals.length > 0)
    throw b.refuse(operator, { code: 'reasonInputType', args: { input: String(diagonals[0]) } });
  check(place.peephole, peephole);
  check(place.normalization ?? [], normalization);
  check([...place.bias, place.projectionBias], bias);
  // That of an input gate which is not there may be absent, too.
  const isPartial = (inputs: readonly number[], gates: readonly number[]) => {
    const found = inputs.filter((_, g) => isThere(place.kernel[gates[g]])).map(isThere);
    return found.includes(true) && found.includes(false);
  };
  if (isPartial(place.peephole, [0, 1, 3]))
    throw b.refuse(operator, { code: 'reasonSomePeepholes', args: {} });
  if (isPartial(place.normalization ?? [], [0, 1, 2, 3]))
    throw b.refuse(operator, { code: 'reasonSomeNormalizations', args: {} });
}

/** Whether weights are kept in a type, integers with one scale and no zero point. */
function isKept({ type, isDequantized, scale, zeroPoint }: TfliteTensor, wanted: number): boolean {
  if (wanted === float32) return type === float32 || isDequantized === true;
  return type === wanted && !isDequantized && scale.length === 1 && (zeroPoint[0] ?? 0) === 0;
}

/** An LSTM of 8-bit inputs and outputs and a 16-bit cell state. */
function integerLstm(b: Builder, operator: TfliteOperator, { places }: RecurrentOperator): Integers {
  const [{ kernel, peephole, normalization = [], projection, states }] = places;
  // The scale of what the units put out stands beside those of the gates.
  if (operator.intermediates.length !== 5)
    throw b.refuse(operator, { code: 'reasonIntermediates', args: {} });
  const units = b.graph.tensors[operator.intermediates[4] ?? -1];
  const hidden = units && gridOf(units);
  const [input, state, cell] = [0, ...states].map((place) => inputGrid(b, operator, place));
  const output = outputGrid(b, operator);
  const isKnown = isSigned(input, 8) && isSigned(state, 8) && isSigned(cell, 16);
  if (!isKnown || !isSigned(hidden, 8) || !isSigned(output, 8))
    throw b.refuse(operator, { code: 'reasonAttribute', args: { name: 'quantization' } });
  const bits = Math.log2(cell.scale);
  const isThere = (place: number | undefined) => b.tensor(operator, place ?? -1) !== undefined;
  // Without an input gate, nobody knows what stands where the interpreter has no tanh for such a scale.
  if (!Number.isInteger(bits) || bits > -9 || (bits < -15 && !isThere(kernel[0])))
    throw b.refuse(operator, { code: 'reasonCellScale', args: {} });
  const sums = normalization.some(isThere) ? sumScales(b, operator) : undefined;
  const isProjected = isThere(projection);
  if (isProjected && isThere(peephole.at(-1))) checkPeepholes(b, operator, states[1]);
  return {
    kind: 'cell',
    input,
    state,
    cell,
    output,
    hidden: hiddenGrid(hidden, isProjected),
    ...(sums && { sums }),
  };
}

/** The scales of what is normalised in the gates, with one for an input gate that is not there. */
function sumScales(b: Builder, operator: TfliteOperator): number[] {
  return operator.intermediates.slice(0, 4).map((index) => {
    const [scale] = b.graph.tensors[index]?.scale ?? [];
    if (scale !== undefined && scale > 0 && Number.isFinite(scale)) return scale;
    throw b.refuse(operator, { code: 'reasonAttribute', args: { name: 'quantization' } });
  });
}

/**
 * The interpreter takes the zero point of what it projects with the other sign, when it computes the units and again when it projects them.
 */
function hiddenGrid(grid: Grid, isProjected: boolean): Grid {
  return isProjected ? { ...grid, zeroPoint: 0 - grid.zeroPoint } : grid;
}

/**
 * It goes over as many peepholes as there are outputs: past the last one where units are fewer, out of step where there are several
 * samples.
 */
function checkPeepholes(b: Builder, operator: TfliteOperator, cellState: number): void {
  const [layer] = b.layers.get(operator) ?? [];
  if (!layer) return;
  const size = b.tensor(operator, cellState)?.shape.reduce((all, n) => all * n, 1);
  if (size !== layer.hiddenSize || outputSize(layer) > layer.hiddenSize)
    throw b.refuse(operator, { code: 'reasonPeepholesProjected', args: {} });
}

function isSigned(grid: Grid | undefined, bits: 8 | 16): grid is Grid {
  return grid?.least === -(2 ** (bits - 1));
}
