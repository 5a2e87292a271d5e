import type { Memory } from './memory.ts';

/*
 * What kernels/recurrentTask.ts reads: the same fields in the same order, one word each.
 */

const matrixFields = [
  'sparse',
  'rows',
  'columns',
  'values',
  'packed',
  'packedTransposed',
  'starts',
  'offsets',
  'indices',
  'startsTransposed',
  'offsetsTransposed',
  'valuesTransposed',
  'gradient',
] as const;

const taskFields = [
  'cell',
  'steps',
  'panels',
  'width',
  'inputs',
  'units',
  'gateRows',
  'gate',
  'gateAlpha',
  'gateBeta',
  'activation',
  'activationAlpha',
  'activationBeta',
  'saved',
  'slots',
  'x',
  'h',
  'dropped',
  'dropout',
  'gates',
  'c',
  'activated',
  'reset',
  'mask',
  'bias',
  'candidateBias',
  'kernel',
  'recurrent',
  'candidate',
  'dy',
  'dh',
  'dc',
  'scratch',
] as const;

const floatFields: ReadonlySet<string> = new Set([
  'gateAlpha',
  'gateBeta',
  'activationAlpha',
  'activationBeta',
]);

export type MatrixFields = Partial<Record<(typeof matrixFields)[number], number>>;
export type TaskFields = Partial<Record<(typeof taskFields)[number], number>>;

/** The kernels' numbers of the cells: a GRU with the reset before and after the product. */
export const cells = { LSTM: 0, GRU: 1, resetAfter: 2, RNN: 3 } as const;

export const matrixBytes = 4 * matrixFields.length;
export const taskBytes = 4 * taskFields.length;

/** Writes the fields that are given; the others stay. */
export function writeMatrix(memory: Memory, pointer: number, values: MatrixFields): void {
  write(memory, pointer, matrixFields, values);
}

export function writeTask(memory: Memory, pointer: number, values: TaskFields): void {
  write(memory, pointer, taskFields, values);
}

function write<Name extends string>(
  memory: Memory,
  pointer: number,
  names: readonly Name[],
  values: Partial<Record<Name, number>>,
): void {
  const integers = memory.integers(pointer, names.length);
  const floats = memory.floats(pointer, names.length);
  for (const [i, name] of names.entries()) {
    const value = values[name];
    if (value === undefined) continue;
    if (floatFields.has(name)) floats[i] = value;
    else integers[i] = value;
  }
}
