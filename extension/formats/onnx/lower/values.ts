import type { ValueName } from '../../../model/graph.ts';
import type { Parameter } from '../../../model/parameter.ts';
import type { ConstantView, NodeInput } from '../contents.ts';
import type { OnnxAttribute, OnnxNode, OnnxTensor } from '../proto.ts';
import { type Length, product } from './lengths.ts';

/**
 * What an ONNX value is while the graph is lowered. Only a flow is computed when the graph runs; the others are known before, but
 * for lengths that are free.
 */
export type Value = Flow | Numbers | Uniform | Counting | SamplePlaces | SampleOrder | WeightValue;

/** Few numbers, such as a shape: computed here and now. */
export interface Numbers {
  readonly kind: 'numbers';
  readonly shape: readonly number[];
  /** Row-major; truth values are 0 and 1. */
  readonly values: readonly Length[];
  /** Division of integers leaves no rest. */
  readonly integer: boolean;
  /** Where in the file each one stands, if it is there as it is. */
  readonly sources?: readonly (Source | undefined)[];
}

export interface Source {
  readonly holder: OnnxTensor | OnnxAttribute;
  readonly index: number;
  readonly reader?: NodeInput;
}

/** One number everywhere, such as the zeros of an initial state. */
export interface Uniform {
  readonly kind: 'uniform';
  readonly shape: readonly Length[];
  readonly value: number;
}

/** 0, 1, 2, … along an axis whose length is free, or beside such, as the numbers of all steps are. Along others all is the same. */
export interface Counting {
  readonly kind: 'counting';
  readonly shape: readonly Length[];
  readonly axis: number;
  /** What they are multiples of. */
  readonly by: Length;
}

/** A place of each sample of a batch [B, …], beside the number of the sample. */
export interface SamplePlaces {
  readonly kind: 'samplePlaces';
  readonly shape: readonly Length[];
  readonly places: Flow;
  /** How often the number of the sample is added to its place; absent: it stands before it. */
  readonly by?: Length;
}

/** The places of all samples in an order by their lengths. */
export interface SampleOrder {
  readonly kind: 'sampleOrder';
  readonly shape: readonly Length[];
  /** Its name. */
  readonly order: string;
  /** The places lead back to where the samples were. */
  readonly back: boolean;
}

/** Values of a parameter. */
export interface WeightValue extends ConstantView {
  readonly kind: 'weight';
}

/**
 * Computed values of our graph, batch first, and how the axes of the ONNX value lie on theirs: a Transpose or Squeeze of ONNX only
 * changes that. The batch may have no axis in the ONNX value where it is 1 there.
 */
export interface Flow {
  readonly kind: 'flow';
  /** One, or such that lie along one axis of the ONNX value side by side, such as both directions of a layer. All have one shape. */
  readonly values: readonly ValueName[];
  /** In the order of the ONNX value. */
  readonly axes: readonly FlowAxis[];
}

export interface FlowAxis {
  /**
   * Axes of our value that it goes through, the slowest first; `stack`: the several values; none: its length is 1, or all along it is the
   * same.
   */
  readonly parts: readonly number[];
  readonly length: Length;
  /** The node that says that all along it is the same. */
  readonly repeatedBy?: OnnxNode;
  /** Where the file says how long that is. */
  readonly source?: Source;
}

/** Stands among an axis' parts for the several values of a flow. */
export const stack = -1;

/** An axis of one of our values. */
export interface Place {
  readonly length: Length;
  /** The axis of a graph input that it is, as long as nothing changes its length. */
  readonly from?: InputAxis;
  /** Of the batch: what stands there is the same for every sample, and one is enough. */
  readonly everySample?: true;
}

/** The batch of what is the same for every sample. */
export const everySample: Place = { length: 1, everySample: true };

export interface InputAxis {
  readonly input: string;
  readonly axis: number;
}

export function flowOf(values: readonly ValueName[], axes: readonly FlowAxis[]): Flow {
  return { kind: 'flow', values, axes };
}

/** An axis of length 1 that our values do not have. */
export const notional: FlowAxis = { parts: [], length: 1 };

export function numbers(
  shape: readonly number[],
  values: readonly Length[],
  integer: boolean,
  sources?: Numbers['sources'],
): Numbers {
  return { kind: 'numbers', shape, values, integer, ...(sources && { sources }) };
}

/** The shape of the ONNX value. */
export function lengthsOf(value: Value): readonly Length[] {
  return value.kind === 'flow' ? value.axes.map(({ length }) => length) : value.shape;
}

export function sizeOfValue(value: Value): Length {
  return product(lengthsOf(value));
}

/** The parameter of a weight that is used whole. */
export function wholeParameter({ parameter, offset, shape, strides }: WeightValue): Parameter | undefined {
  const whole =
    offset === 0 &&
    shape.length === parameter.shape.length &&
    shape.every((n, i) => n === parameter.shape[i]) &&
    strides.every((stride, i) => shape[i] === 1 || stride === rowMajor(shape)[i]);
  return whole ? parameter : undefined;
}

/** Where each value of a shape stands by these strides, row by row. */
export function placesOf(shape: readonly number[], strides: readonly number[], first = 0): number[] {
  let places = [first];
  for (const [axis, length] of shape.entries())
    places = places.flatMap((place) => Array.from({ length }, (_, i) => place + i * strides[axis]));
  return places;
}

/** Strides of values that lie row by row. */
export function rowMajor(shape: readonly number[]): number[] {
  return shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
}
