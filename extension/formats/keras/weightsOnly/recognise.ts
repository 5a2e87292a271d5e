import { gatesOf } from '../../../model/recurrentLayer.ts';
import type { Cell } from '../../../protocol/report.ts';
import { type ArrayGroup, baseName, type StoredArray } from './storedArrays.ts';

/** Arrays of a group that are those of a recurrent layer. */
export interface RecurrentArrays {
  readonly cell: Cell;
  readonly hiddenSize: number;
  readonly arrays: readonly StoredArray[];
  /** Matrices and bias have an array a gate, as in Keras 1. */
  readonly separate: boolean;
  /** The values of the matrices stand in cuDNN's order. */
  readonly cudnn: boolean;
}

/** A group as what it holds: recurrent layers, and arrays of others. */
export type Part = RecurrentArrays | StoredArray;

export function isRecurrent(part: Part): part is RecurrentArrays {
  return 'cell' in part;
}

/** Of one layer: three of each gate. */
const mostArrays = 3 * gatesOf.LSTM.length;

/**
 * Finds the recurrent layers of a group by names and shapes. Matrices [I, G·H] and [H, G·H] tell the cell by G: 4 of an LSTM, 3 of a GRU,
 * 1 of a simple RNN. As any two matrices may happen to fit like those of a simple RNN, the names must say it too.
 */
export function partsOf(group: ArrayGroup): Part[] {
  const parts: Part[] = [];
  for (let at = 0; at < group.arrays.length; ) {
    const rest = group.arrays.slice(at, at + mostArrays);
    const found = separateArrays(rest) ?? joinedArrays(rest, group.isCell);
    parts.push(found ?? rest[0]);
    at += found?.arrays.length ?? 1;
  }
  return parts;
}

/** Keras 1: W, U and b of a gate after another, `lstm_1_W_i`, an LSTM's in the order i, c, f, o. */
function separateArrays(arrays: readonly StoredArray[]): RecurrentArrays | undefined {
  for (const [cell, first] of [
    ['LSTM', 'i'],
    ['GRU', 'z'],
  ] as const) {
    const own = arrays.slice(0, 3 * gatesOf[cell].length);
    const [inputs, hiddenSize] = own[0].shape;
    const fits = own.every(({ shape }, i) =>
      isShape(shape, [[inputs, hiddenSize], [hiddenSize, hiddenSize], [hiddenSize]][i % 3]),
    );
    if (own.length === 3 * gatesOf[cell].length && fits && baseName(own[0]).endsWith(`_W_${first}`))
      return { cell, hiddenSize, arrays: own, separate: true, cudnn: false };
  }
  return undefined;
}

function joinedArrays(arrays: readonly StoredArray[], isCell: boolean): RecurrentArrays | undefined {
  const [kernel, recurrent, third] = arrays;
  if (!recurrent || saysNothingRecurrent(recurrent)) return undefined;
  const width = kernel.shape.at(-1) ?? 0;
  const hiddenSize = recurrent.shape.at(-2) ?? 0;
  const over = kernel.shape.slice(0, -2);
  const cell = cellOfGates(width / hiddenSize);
  const fits = kernel.shape.length >= 2 && isShape(recurrent.shape, [...over, hiddenSize, width]);
  if (!fits || !cell || (over.length > 0 && cell !== 'LSTM')) return undefined;
  if (cell === 'RNN' && !isCell && !isCalledRecurrent(recurrent)) return undefined;
  const bias = third && biasOf(cell, third, width);
  return {
    cell,
    hiddenSize,
    arrays: bias ? [kernel, recurrent, third] : [kernel, recurrent],
    separate: false,
    cudnn: bias === 'cudnn',
  };
}

function cellOfGates(gates: number): Cell | undefined {
  return (['LSTM', 'GRU', 'RNN'] as const).find((cell) => gatesOf[cell].length === gates);
}

/** A vector of the width; of a GRU that resets after the product two, in rows, and of cuDNN's layers in one vector. */
function biasOf(cell: Cell, array: StoredArray, width: number): 'plain' | 'cudnn' | undefined {
  const name = baseName(array);
  if (!/^\d+$|^bias|_b$|^param_/.test(name)) return undefined;
  if (isShape(array.shape, [width])) return 'plain';
  if (cell === 'GRU' && isShape(array.shape, [2, width])) return 'plain';
  return cell !== 'RNN' && isShape(array.shape, [2 * width]) ? 'cudnn' : undefined;
}

/** As Keras 2 and 3, and Keras 1, call it. */
function isCalledRecurrent(array: StoredArray): boolean {
  return /^recurrent_kernel|_U$/.test(baseName(array));
}

/** Whether it has a name that belongs to another layer's array. */
function saysNothingRecurrent(array: StoredArray): boolean {
  const name = baseName(array);
  return (
    !/^\d+$|^param_/.test(name) &&
    !isCalledRecurrent(array) &&
    /kernel|^(gamma|beta|bias|embeddings)/.test(name)
  );
}

function isShape(shape: readonly number[], expected: readonly number[]): boolean {
  return shape.length === expected.length && expected.every((n, i) => n > 0 && n === shape[i]);
}
