import type { Place, Range } from '../protobuf/place.ts';
import type { Folded } from './fold/folded.ts';

/**
 * What is read of an ONNX file (onnx.proto of ONNX 1.23): the messages as far as they matter here, each with its place in the
 * file, so that saving edits the file and whatever is not known stays byte for byte. Values of tensors stay on the disk.
 */

export interface OnnxModel {
  readonly place: Place;
  readonly irVersion: number;
  /** Version by domain; `''` is ONNX' own (`ai.onnx`). */
  readonly opsets: ReadonlyMap<string, number>;
  /** Such as `pytorch 2.13.0`; empty where the file does not say. */
  readonly producer: string;
  readonly graph: OnnxGraph;
  readonly functions: readonly OnnxFunction[];
}

/** The model's graph, or the body of an If, Loop or Scan. */
export interface OnnxGraph {
  readonly place: Place;
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: ReadonlyMap<string, OnnxTensor>;
  /** Old files list initializers here, too. */
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  /** By the value's name. */
  readonly valueInfo: ReadonlyMap<string, OnnxValue>;
}

/** A function of the model's own that nodes call by domain and name. */
export interface OnnxFunction {
  readonly place: Place;
  readonly domain: string;
  readonly name: string;
  readonly overload: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Attributes that a call need not state. */
  readonly defaults: ReadonlyMap<string, OnnxAttribute>;
  readonly nodes: readonly OnnxNode[];
  readonly opsets: ReadonlyMap<string, number>;
}

export interface OnnxNode {
  readonly place: Place;
  readonly opType: string;
  /** `''` for ONNX' own operators, however the file spells it. */
  readonly domain: string;
  readonly overload: string;
  /** May be empty. */
  readonly name: string;
  /** An empty name stands for an optional input that is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, OnnxAttribute>;
}

/** One of the values is there, by the attribute's type; integers beyond 2^53 are the nearest double. */
export interface OnnxAttribute {
  readonly place: Place;
  readonly name: string;
  /** Inside a function: the function's attribute whose value this one has. */
  readonly refersTo?: string;
  readonly int?: number;
  readonly float?: number;
  readonly text?: string;
  readonly ints?: readonly number[];
  readonly floats?: readonly number[];
  readonly texts?: readonly string[];
  readonly tensor?: OnnxTensor;
  readonly graph?: OnnxGraph;
  readonly tensors?: readonly OnnxTensor[];
  readonly graphs?: readonly OnnxGraph[];
}

/** Element types by TensorProto.DataType; those that are not listed are of no use here. */
export const dataTypes = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
  bfloat16: 16,
} as const;

export interface OnnxTensor {
  readonly place: Place;
  readonly name: string;
  readonly dims: readonly number[];
  /** TensorProto.DataType, see `dataTypes`. */
  readonly dataType: number;
  readonly values: ValuesPlace;
  /**
   * The values themselves, row-major, where there are at most `smallTensor`; integers beyond 2^53 are the nearest double. Absent where
   * there are more, or the type is none of `dataTypes`.
   */
  readonly small?: readonly number[];
}

/** Tensors of up to so many values are read when the file is opened: shapes, indices, scalars. */
export const smallTensor = 1024;

/** Where a tensor's values lie. */
export type ValuesPlace =
  /** raw_data: little-endian, row-major. */
  | ({ readonly kind: 'raw' } & Range)
  /** A field of typed values; float16 and bfloat16 are the bits in int32. */
  | { readonly kind: 'typed'; readonly field: TypedField; readonly runs: readonly TypedRun[] }
  /** A file beside the model, like raw_data; without a length up to its end. */
  | {
      readonly kind: 'external';
      readonly location: string;
      readonly offset: number;
      readonly length?: number;
    }
  /** Nowhere: nodes compute them of constants alone, whenever the model is loaded. */
  | ComputedValues
  | { readonly kind: 'none' };

/** What a node computes of other constants, row-major; its only output. */
export interface ComputedValues {
  readonly kind: 'computed';
  readonly node: OnnxNode;
  readonly operands: readonly Folded[];
  /** float32 of float32, from the operands' values. */
  readonly compute: (operands: readonly Float32Array[]) => Float32Array;
}

export type TypedField = 'float' | 'double' | 'int32' | 'int64' | 'uint64';

/** A part of a typed field: packed values one after another, or such that each has its own tag. */
export interface TypedRun extends Range {
  /** Where its tag begins; without packing that is `start`, too. */
  readonly field: number;
  readonly packed: boolean;
}

/** What a graph says of one of its values. */
export interface OnnxValue {
  readonly place: Place;
  readonly name: string;
  /** TensorProto.DataType of a tensor; absent for other types. */
  readonly dataType?: number;
  /** A length, the name of a free one, or null where nothing is said; absent where the rank is not known. */
  readonly dims?: readonly (number | string | null)[];
}
