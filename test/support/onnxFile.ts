import { field, floatField } from './protobuf.ts';

/** Messages of onnx.proto as bytes, with nothing checked, so that tests can write what no library would. */
export const tensorTypes = {
  float32: 1,
  int32: 6,
  int64: 7,
  float16: 10,
  float64: 11,
  bfloat16: 16,
} as const;

/** A TensorProto of float32 in raw_data, or with other fields of values. */
export function tensor(
  name: string,
  dims: readonly number[],
  values: readonly number[] | Buffer,
  type: number = tensorTypes.float32,
): Buffer {
  return Buffer.concat([
    ...dims.map((length) => field(1, length)),
    field(2, type),
    Buffer.isBuffer(values) ? values : field(9, Buffer.from(Float32Array.from(values).buffer)),
    field(8, name),
  ]);
}

export function int64Tensor(name: string, dims: readonly number[], values: readonly number[]): Buffer {
  const bytes = Buffer.from(BigInt64Array.from(values.map(BigInt)).buffer);
  return tensor(name, dims, field(9, bytes), tensorTypes.int64);
}

/** A TensorProto whose values lie in another file. */
export function externalTensor(
  name: string,
  dims: readonly number[],
  entries: Readonly<Record<string, string>>,
): Buffer {
  const listed = Object.entries(entries).map(([key, value]) =>
    field(13, Buffer.concat([field(1, key), field(2, value)])),
  );
  return tensor(name, dims, Buffer.concat([...listed, field(14, 1)]));
}

/** An attribute of one or more values: an integer, a text, a tensor or graph (bytes), or a list of integers or texts. */
export function attribute(
  name: string,
  value: number | string | readonly number[] | readonly string[] | { tensor: Buffer } | { graph: Buffer },
): Buffer {
  const list = (number: number, type: number, values: readonly (number | string)[]) =>
    Buffer.concat([...values.map((one) => field(number, one)), field(20, type)]);
  const written = () => {
    if (typeof value === 'number') return Buffer.concat([field(3, value), field(20, 2)]);
    if (typeof value === 'string') return Buffer.concat([field(4, value), field(20, 3)]);
    if ('tensor' in value) return Buffer.concat([field(5, value.tensor), field(20, 4)]);
    if ('graph' in value) return Buffer.concat([field(6, value.graph), field(20, 5)]);
    return typeof value[0] === 'string' ? list(9, 8, value) : list(8, 7, value as readonly number[]);
  };
  return Buffer.concat([field(1, name), written()]);
}

export function floatAttribute(name: string, value: number): Buffer {
  return Buffer.concat([field(1, name), floatField(2, value), field(20, 1)]);
}

export function floatsAttribute(name: string, values: readonly number[]): Buffer {
  return Buffer.concat([field(1, name), ...values.map((one) => floatField(7, one)), field(20, 6)]);
}

export function node(
  opType: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: readonly Buffer[] = [],
  { name = '', domain = '' } = {},
): Buffer {
  return Buffer.concat([
    ...inputs.map((input) => field(1, input)),
    ...outputs.map((output) => field(2, output)),
    field(3, name),
    field(4, opType),
    ...attributes.map((one) => field(5, one)),
    field(7, domain),
  ]);
}

/** A ValueInfoProto of float32; texts are names of free lengths. */
export function value(name: string, dims: readonly (number | string)[], dataType = 1): Buffer {
  const shape = dims.map((length) => field(1, field(typeof length === 'number' ? 1 : 2, length)));
  const type = field(1, Buffer.concat([field(1, dataType), field(2, Buffer.concat(shape))]));
  return Buffer.concat([field(1, name), field(2, type)]);
}

export interface GraphParts {
  readonly nodes: readonly Buffer[];
  readonly initializers?: readonly Buffer[];
  readonly inputs?: readonly Buffer[];
  readonly outputs?: readonly Buffer[];
  readonly more?: readonly Buffer[];
}

export function graph({
  nodes,
  initializers = [],
  inputs = [],
  outputs = [],
  more = [],
}: GraphParts): Buffer {
  return Buffer.concat([
    ...nodes.map((one) => field(1, one)),
    field(2, 'graph'),
    ...initializers.map((one) => field(5, one)),
    ...inputs.map((one) => field(11, one)),
    ...outputs.map((one) => field(12, one)),
    ...more,
  ]);
}

/** A ModelProto of IR version 8 and operator set 17. */
export function model(parts: GraphParts, more: readonly Buffer[] = []): Buffer {
  return Buffer.concat([
    field(1, 8),
    field(2, 'a test'),
    field(7, graph(parts)),
    field(8, Buffer.concat([field(1, ''), field(2, 17)])),
    ...more,
  ]);
}

/** Gates of each operator, one after another in W and R. */
const gates = { LSTM: 4, GRU: 3, RNN: 1 } as const;

export interface Sizes {
  readonly inputs: number;
  readonly hidden: number;
  readonly directions?: number;
}

/** W [D, G·H, I], R [D, G·H, H], B [D, 2·G·H] with the values 1, 2, 3, … each divided by 100. */
export function recurrentWeights(
  op: keyof typeof gates,
  { inputs, hidden, directions = 1 }: Sizes,
): { W: Buffer; R: Buffer; B: Buffer } {
  const rows = gates[op] * hidden;
  const counted = (name: string, dims: readonly number[]) =>
    tensor(
      name,
      dims,
      Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => (i + 1) / 100),
    );
  return {
    W: counted('W', [directions, rows, inputs]),
    R: counted('R', [directions, rows, hidden]),
    B: counted('B', [directions, 2 * rows]),
  };
}

/** A model of one recurrent node over a sequence of free length. */
export function recurrentModel(
  op: keyof typeof gates,
  sizes: Sizes,
  attributes: readonly Buffer[] = [],
): Buffer {
  const { W, R, B } = recurrentWeights(op, sizes);
  const { hidden, inputs, directions = 1 } = sizes;
  return model({
    nodes: [
      node(op, ['X', 'W', 'R', 'B'], ['Y'], [attribute('hidden_size', hidden), ...attributes], {
        name: 'rnn',
      }),
    ],
    initializers: [W, R, B],
    inputs: [value('X', ['time', 'batch', inputs])],
    outputs: [value('Y', ['time', directions, 'batch', hidden])],
  });
}
