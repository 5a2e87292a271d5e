import type { GraphInput } from '../model/graph.ts';
import type { Tensor } from '../model/tensor.ts';
import { UserError } from '../protocol/userError.ts';
import { formatIndex, formatSampleShape, formatShape } from './shapes.ts';

/** How a message names an array. */
export interface ArrayLabel {
  readonly file: string;
  readonly name: string;
}

type Expected = readonly (number | null)[];

/** Targets do not have the shape of the outputs: arrayShape, told from that of an input. */
export class TargetShapeError extends UserError {}

/**
 * The shape in which an array feeds an input: its own, or with a trailing 1 more or less. The first axis is the
 * samples. Throws arrayShape.
 */
export function inputShape(
  label: ArrayLabel,
  shape: readonly number[],
  expected: Expected,
): readonly number[] {
  const fitting = [shape, [...shape, 1]];
  if (shape.at(-1) === 1) fitting.push(shape.slice(0, -1));
  const found = shape.length > 0 && fitting.find((candidate) => fits(candidate, expected));
  if (found) return found;
  throw new UserError('arrayShape', shapeArguments(label, shape, formatSampleShape(expected)));
}

/**
 * Checks the targets against the model's output [N, …, C]: the same shape, or class indices (or the one output) with an
 * axis less or a trailing 1. Whether the values make sense is for the loss to say. Throws arrayShape as a TargetShapeError.
 */
export function checkTargetShape(label: ArrayLabel, shape: readonly number[], output: Expected): void {
  const indices = output.slice(0, -1);
  const forms = [output, indices, [...indices, 1]].filter(({ length }) => length > 0);
  if (forms.some((form) => fits(shape, form))) return;
  const expected = `${formatSampleShape(output)} / ${formatSampleShape(indices)}`;
  throw new TargetShapeError('arrayShape', shapeArguments(label, shape, expected));
}

/**
 * The values as the input takes them: float32 without NaN or infinities, or whole int32 ids of the vocabulary. `first`
 * is the sample's place in the file, for messages. Throws arrayNonFinite, arrayRange.
 */
export function inputValues(label: ArrayLabel, tensor: Tensor, input: GraphInput, first: number): Tensor {
  const { shape, data } = tensor;
  if (input.dtype === 'int32') return { shape, data: tokenIds(label, tensor, input.vocabulary, first) };
  checkFinite(label, tensor, first);
  return data instanceof Float32Array ? tensor : { shape, data: new Float32Array(data) };
}

/** Throws arrayNonFinite. */
export function checkFinite(label: ArrayLabel, tensor: Tensor, first: number): void {
  const { data } = tensor;
  if (data instanceof Int32Array) return;
  for (let i = 0; i < data.length; i++) {
    if (Number.isFinite(data[i])) continue;
    const index = place(tensor, i, first);
    throw new UserError('arrayNonFinite', {
      file: label.file,
      array: label.name,
      value: String(data[i]),
      index,
    });
  }
}

function tokenIds(
  label: ArrayLabel,
  tensor: Tensor,
  vocabulary: number | undefined,
  first: number,
): Int32Array {
  const { data } = tensor;
  const high = (vocabulary ?? 2 ** 31) - 1;
  for (let i = 0; i < data.length; i++) {
    const value = data[i];
    if (Number.isInteger(value) && value >= 0 && value <= high) continue;
    throw new UserError('arrayRange', {
      file: label.file,
      array: label.name,
      value: String(value),
      index: place(tensor, i, first),
      low: 0,
      high,
    });
  }
  return data instanceof Int32Array ? data : new Int32Array(data);
}

/** Position of a value in the file, which may hold samples before these. */
function place({ shape, data }: Tensor, index: number, first: number): string {
  return formatIndex(index + first * (data.length / shape[0]), shape);
}

/** Sizes agree on every axis but the first. */
function fits(shape: readonly number[], expected: Expected): boolean {
  if (shape.length !== expected.length) return false;
  return shape.every((n, axis) => axis === 0 || (expected[axis] === null ? n > 0 : n === expected[axis]));
}

function shapeArguments({ file, name }: ArrayLabel, shape: readonly number[], expected: string) {
  return { file, array: name, expected, found: formatShape(shape) };
}
