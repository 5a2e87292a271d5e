import { dataTypes } from '../../formats/onnx/proto.ts';
import {
  bytesField,
  fieldHead,
  floatField,
  integerField,
  packedIntegers,
} from '../../formats/protobuf/fields.ts';

/** Messages of onnx.proto (ONNX 1.23) as bytes; field numbers are that file's. */

export type ElementType = 'float32' | 'int32' | 'int64' | 'bool';

/** Values of a node's attributes: a list of whole numbers or texts, a number with a point is said to be one. */
export type Attribute =
  | { readonly int: number }
  | { readonly ints: readonly number[] }
  | { readonly float: number }
  | { readonly floats: readonly number[] }
  | { readonly text: string }
  | { readonly texts: readonly string[] }
  | { readonly graph: Uint8Array };

/** AttributeProto.AttributeType */
const attributeTypes = { float: 1, int: 2, text: 3, graph: 5, floats: 6, ints: 7, texts: 8 } as const;

function attributeMessage(name: string, value: Attribute): Buffer {
  const typed = (type: number, ...fields: Buffer[]) =>
    Buffer.concat([bytesField(1, name), ...fields, integerField(20, type)]);
  if ('float' in value) return typed(attributeTypes.float, floatField(2, value.float));
  if ('int' in value) return typed(attributeTypes.int, integerField(3, value.int));
  if ('text' in value) return typed(attributeTypes.text, bytesField(4, value.text));
  if ('graph' in value) return typed(attributeTypes.graph, bytesField(6, value.graph));
  if ('floats' in value)
    return typed(attributeTypes.floats, ...value.floats.map((one) => floatField(7, one)));
  if ('ints' in value) return typed(attributeTypes.ints, ...value.ints.map((one) => integerField(8, one)));
  return typed(attributeTypes.texts, ...value.texts.map((one) => bytesField(9, one)));
}

export interface NodeFields {
  readonly op: string;
  readonly name: string;
  /** An empty name leaves an optional input out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/** NodeProto */
export function nodeMessage({ op, name, inputs, outputs, attributes }: NodeFields): Buffer {
  return Buffer.concat([
    ...inputs.map((input) => bytesField(1, input)),
    ...outputs.map((output) => bytesField(2, output)),
    bytesField(3, name),
    bytesField(4, op),
    ...Object.entries(attributes).map(([key, value]) => bytesField(5, attributeMessage(key, value))),
  ]);
}

/** A length, or the name of a free one. */
export type Dimension = number | string;

/** ValueInfoProto of a tensor; without dimensions where the rank is not said. */
export function valueMessage(name: string, type: ElementType, dims?: readonly Dimension[]): Buffer {
  const shape = dims?.map((dim) =>
    bytesField(1, typeof dim === 'number' ? integerField(1, dim) : bytesField(2, dim)),
  );
  const tensor = Buffer.concat([
    integerField(1, dataTypes[type]),
    ...(shape ? [bytesField(2, Buffer.concat(shape))] : []),
  ]);
  return Buffer.concat([bytesField(1, name), bytesField(2, bytesField(1, tensor))]);
}

export interface TensorFields {
  readonly name: string;
  readonly type: ElementType;
  readonly dims: readonly number[];
  /** Bytes of its values. */
  readonly length: number;
}

/** A TensorProto up to its values, which follow as `length` bytes of raw_data. */
export function tensorHead({ name, type, dims, length }: TensorFields): Buffer {
  return Buffer.concat([
    packedIntegers(1, dims),
    integerField(2, dataTypes[type]),
    bytesField(8, name),
    fieldHead(9, length),
  ]);
}

/** The contents of a ModelProto in front of its graph, and the head of the graph's field. */
export function modelHead(opset: number, irVersion: number, producer: string, graphLength: number): Buffer {
  return Buffer.concat([
    integerField(1, irVersion),
    bytesField(2, producer),
    bytesField(8, Buffer.concat([bytesField(1, ''), integerField(2, opset)])),
    fieldHead(7, graphLength),
  ]);
}

/** Fields of a GraphProto. */
export const graphFields = { node: 1, name: 2, initializer: 5, input: 11, output: 12 } as const;

/** Bytes of a field with so many bytes of contents. */
export function fieldLength(field: number, length: number): number {
  return fieldHead(field, length).length + length;
}
