import type { ValueName } from '../../../model/graph.ts';
import type { Grid, Integers } from '../../../model/integers.ts';
import { gridOf } from '../grid.ts';
import type { TfliteOperator } from '../schema.ts';
import type { Builder } from './builder.ts';

/**
 * Operators that move integers and compute none, by code: CONCATENATION, MAX_POOL_2D, RESHAPE, PAD, TRANSPOSE, SQUEEZE, STRIDED_SLICE,
 * TILE, EXPAND_DIMS, PACK, REVERSE_V2.
 */
const movers: ReadonlySet<number> = new Set([2, 17, 22, 34, 39, 43, 45, 69, 70, 83, 105]);

/** The grid of a tensor that an operator reads. */
export function inputGrid(b: Builder, operator: TfliteOperator, input: number): Grid | undefined {
  const tensor = b.tensor(operator, input);
  return tensor && gridOf(tensor);
}

/** That of what it puts out. */
export function outputGrid(b: Builder, { outputs }: TfliteOperator): Grid | undefined {
  const tensor = b.graph.tensors[outputs[0] ?? -1];
  return tensor && gridOf(tensor);
}

/** A value as the integers of another grid, or as those in which another is computed. */
export function throughGrid(
  b: Builder,
  operator: Pick<TfliteOperator, 'outputs'>,
  x: ValueName,
  integers: Integers,
): ValueName {
  return b.add({
    op: 'Activation',
    activation: { op: 'Identity' },
    inputs: [x],
    outputs: [b.fresh(operator)],
    origin: b.originOf(operator),
    integers,
  });
}

/**
 * Puts what an operator computed in floats on the grid of its output. What it only moved keeps its integers, which converters have been
 * seen to read by another grid.
 */
export function ontoGrid(b: Builder, operator: TfliteOperator): void {
  const to = outputGrid(b, operator);
  const value = b.found(operator.outputs[0] ?? -1);
  if (!to || !value) return;
  const node = b.nodes.at(-1);
  if (node?.outputs[0] === value.name && node.integers) return;
  const from = inputGrid(b, operator, 0);
  if (movers.has(operator.code) && from) {
    if (sameGrid(from, to)) return;
    b.put(
      operator,
      throughGrid(b, operator, value.name, { kind: 'reread', from, to }),
      value.shape,
      value.layout,
    );
    return;
  }
  b.put(operator, throughGrid(b, operator, value.name, { kind: 'rounded', to }), value.shape, value.layout);
}

function sameGrid(a: Grid, b: Grid): boolean {
  return a.scale === b.scale && a.zeroPoint === b.zeroPoint;
}

/** QUANTIZE: from floats, or from one grid to another. */
export function lowerQuantize(b: Builder, operator: TfliteOperator): void {
  const { name, shape, layout } = b.value(operator, 0);
  const to = outputGrid(b, operator);
  if (!to) throw b.refuse(operator, { code: 'reasonAttribute', args: { name: 'quantization' } });
  const from = inputGrid(b, operator, 0);
  const integers: Integers = from ? { kind: 'rescaled', from, to } : { kind: 'rounded', to };
  b.put(operator, throughGrid(b, operator, name, integers), shape, layout);
}

/** Whether a grid is one of the 8-bit ones, for which the kernels are that are computed bit for bit. */
export function is8Bit(grid: Grid | undefined): grid is Grid {
  return grid !== undefined && grid.greatest - grid.least === 255;
}
