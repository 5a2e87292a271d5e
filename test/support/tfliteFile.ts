import { type FlatFields, type FlatValue, flatBuffer } from './flatBuffer.ts';
import { randomFloats, seeded } from './random.ts';

/** A tensor of a file: computed where it has no values. */
export interface TfliteTensorParts {
  readonly name: string;
  readonly shape: readonly number[];
  /** TensorType: 0 float32, 2 int32, 9 int8. */
  readonly type?: number;
  /** Tensors of one array share a buffer. */
  readonly values?: Uint8Array;
  readonly quantization?: FlatFields;
}

export interface TfliteOperatorParts {
  /** BuiltinOperator */
  readonly code: number;
  /** Indices of tensors. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly options?: FlatFields;
  /** Indices of tensors that say how what is between its steps is quantised. */
  readonly intermediates?: readonly number[];
}

/** What a file is made of; tests damage one of its parts. */
export interface TfliteParts {
  readonly tensors: TfliteTensorParts[];
  readonly operators: TfliteOperatorParts[];
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
}

/** Field 4 of SubGraph is its name; fields of all tables by schema.fbs, version 3. */
export function tfliteRoot({ tensors, operators, inputs, outputs }: TfliteParts): Record<number, FlatValue> {
  const shared = [...new Set(tensors.flatMap(({ values }) => values ?? []))];
  const buffers: FlatFields[] = [{}, ...shared.map((bytes) => ({ 0: { bytes } }))];
  const tensorTables = tensors.map(({ name, shape, type = 0, values, quantization }) => ({
    0: { ints: shape },
    1: { byte: type },
    2: { int: values ? 1 + shared.indexOf(values) : 0 },
    3: { text: name },
    ...(quantization && { 4: { table: quantization } }),
  }));
  const codes = [...new Set(operators.map(({ code }) => code))];
  const graph: FlatFields = {
    0: { tables: tensorTables },
    1: { ints: inputs },
    2: { ints: outputs },
    3: {
      tables: operators.map(({ code, inputs: read, outputs: put, options, intermediates }) => ({
        0: { int: codes.indexOf(code) },
        1: { ints: read },
        2: { ints: put },
        ...(options && { 4: { table: options } }),
        ...(intermediates && { 8: { ints: intermediates } }),
      })),
    },
    4: { text: 'main' },
  };
  return {
    0: { int: 3 },
    1: { tables: codes.map((code) => ({ 0: { byte: code }, 3: { int: code } })) },
    2: { tables: [graph] },
    4: { tables: buffers },
  };
}

export function tfliteBytes(parts: TfliteParts): Buffer {
  return flatBuffer(tfliteRoot(parts), 'TFL3');
}

/** Bytes of these float32 values, or of seeded ones. */
export function floatBytes(count: number, seed: number): Uint8Array {
  return new Uint8Array(randomFloats(count, seeded(seed)).buffer);
}

export const lstmCode = 44;
const [width, hidden, steps] = [3, 4, 5];

/** An LSTM of 4 units over 5 steps of 3 features, its last step, and a dense layer of 2. */
export function smallTflite(): TfliteParts {
  const tensors: TfliteTensorParts[] = [];
  const tensor = (name: string, shape: readonly number[], values = true) => {
    const count = shape.reduce((product, n) => product * n, 1);
    const index = tensors.length;
    tensors.push({ name, shape, ...(values && { values: floatBytes(count, index + 1) }) });
    return index;
  };
  const gates = ['i', 'f', 'c', 'o'];
  const x = tensor('x', [1, steps, width], false);
  const kernels = gates.map((gate) => tensor(`lstm/kernel_${gate}`, [hidden, width]));
  const recurrent = gates.map((gate) => tensor(`lstm/recurrent_${gate}`, [hidden, hidden]));
  const biases = gates.map((gate) => tensor(`lstm/bias_${gate}`, [hidden]));
  const states = ['h', 'c'].map((state) => tensor(`lstm/state_${state}`, [1, hidden], false));
  const sequence = tensor('lstm', [1, steps, hidden], false);
  const places = [
    [0, 4, 0],
    [0, 5, 0],
    [1, 1, 1],
  ].map((values, i) => {
    const index = tensors.length;
    const bytes = new Uint8Array(Int32Array.from(values).buffer);
    tensors.push({ name: `place_${i}`, shape: [3], type: 2, values: bytes });
    return index;
  });
  const last = tensor('last', [1, hidden], false);
  const weight = tensor('dense/weight', [2, hidden]);
  const bias = tensor('dense/bias', [2]);
  const y = tensor('y', [1, 2], false);
  return {
    tensors,
    operators: [
      {
        code: lstmCode,
        inputs: [x, ...kernels, ...recurrent, -1, -1, -1, ...biases, -1, -1, ...states],
        outputs: [sequence],
        options: { 0: { byte: 4 } },
      },
      {
        code: 45,
        inputs: [sequence, ...places],
        outputs: [last],
        options: { 0: { int: 5 }, 1: { int: 5 }, 4: { int: 2 } },
      },
      { code: 9, inputs: [last, weight, bias], outputs: [y] },
    ],
    inputs: [x],
    outputs: [y],
  };
}
