import type { FlatFields } from './flatBuffer.ts';
import { randomFloats, seeded } from './random.ts';
import { lstmCode, smallTflite, type TfliteParts, type TfliteTensorParts } from './tfliteFile.ts';

const [int8, int16, int32] = [9, 7, 2];
/** Value of an integer of weights, and of one of what is computed. */
const [weightScale, valueScale] = [1 / 64, 1 / 32];

function grid(scale: number, zeroPoint = 0): FlatFields {
  return { 2: { floats: [scale] }, 3: { longs: [zeroPoint] }, 6: { int: 0 } };
}

type Typed = Pick<TfliteTensorParts, 'type' | 'quantization'>;

const computed: Typed = { type: int8, quantization: grid(valueScale, 3) };

/**
 * The small model as converters write it in 8-bit integers, which stand between QUANTIZE and DEQUANTIZE: a mean over the steps is added to
 * the last one in front of the dense layer, a sigmoid and a softmax are behind it, and at the end a dense layer whose weights alone are
 * integers.
 */
export function integerTflite(): TfliteParts {
  const small = smallTflite();
  const tensors = small.tensors.map(asIntegers);
  const tensor = (name: string, shape: readonly number[], typed: Typed = {}, values?: Uint8Array) => {
    tensors.push({ name, shape, ...typed, ...(values && { values }) });
    return tensors.length - 1;
  };
  const between = [...'ifco', 'hidden'].map((name) => tensor(`lstm/between_${name}`, [0], computed));
  const [lstm, slice, dense] = small.operators.map((operator) =>
    operator.code === lstmCode ? { ...operator, intermediates: between } : operator,
  );
  const [sequence, last, logits] = [lstm, slice, dense].map(({ outputs: [output] }) => output);
  const [x] = small.inputs;
  const floats = tensor('floats', tensors[x].shape);
  const steps = tensor('steps', [1], { type: int32 }, bytesOf(Int32Array.of(1)));
  const mean = tensor('mean', tensors[last].shape, computed);
  const sum = tensor('sum', tensors[last].shape, computed);
  const fractions: Typed = { type: int8, quantization: grid(1 / 256, -128) };
  const [squashed, shares] = ['squashed', 'shares'].map((name) => tensor(name, [1, 2], fractions));
  const [known, answer] = ['known', 'answer'].map((name) => tensor(name, [1, 2]));
  const weight = tensor(
    'answer/weight',
    [2, 2],
    { type: int8, quantization: grid(weightScale) },
    bytesOf(Int8Array.of(1, -2, 3, -4)),
  );
  return {
    tensors,
    operators: [
      { code: 114, inputs: [floats], outputs: [x] },
      lstm,
      slice,
      { code: 40, inputs: [sequence, steps], outputs: [mean] },
      { code: 0, inputs: [last, mean], outputs: [sum] },
      { ...dense, inputs: [sum, ...dense.inputs.slice(1)] },
      { code: 14, inputs: [logits], outputs: [squashed] },
      { code: 25, inputs: [squashed], outputs: [shares], options: { 0: { float: 1 } } },
      { code: 6, inputs: [shares], outputs: [known] },
      { code: 9, inputs: [known, weight, -1], outputs: [answer] },
    ],
    inputs: [floats],
    outputs: [answer],
  };
}

/** Matrices have 8 bits, biases 32, cell states 16; indices stay what they are. */
function asIntegers(tensor: TfliteTensorParts, index: number): TfliteTensorParts {
  const { name, shape, type, values } = tensor;
  if (type === int32) return tensor;
  if (!values)
    return {
      ...tensor,
      ...(name === 'lstm/state_c' ? { type: int16, quantization: grid(2 ** -11) } : computed),
    };
  const count = shape.reduce((product, n) => product * n, 1);
  const integers = Int8Array.from(randomFloats(count, seeded(index)), (value) => value * 100);
  return shape.length === 2
    ? { name, shape, type: int8, quantization: grid(weightScale), values: bytesOf(integers) }
    : {
        name,
        shape,
        type: int32,
        quantization: grid(weightScale * valueScale),
        values: bytesOf(Int32Array.from(integers)),
      };
}

function bytesOf({ buffer }: Int8Array<ArrayBuffer> | Int32Array<ArrayBuffer>): Uint8Array {
  return new Uint8Array(buffer);
}
