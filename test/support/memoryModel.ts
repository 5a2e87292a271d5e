import type { GateView } from '../../extension/model/gateView.ts';
import type { Parameter } from '../../extension/model/parameter.ts';
import { type Gate, gatesOf, type RecurrentLayer } from '../../extension/model/recurrentLayer.ts';
import type { Cell } from '../../extension/protocol/report.ts';
import { randomFloats } from './random.ts';

/** A parameter whose values a test may change. */
export interface MemoryParameter extends Parameter {
  readonly values: Float32Array;
}

export function memoryParameter(
  name: string,
  shape: readonly number[],
  values: ArrayLike<number>,
): MemoryParameter {
  const own = Float32Array.from(values);
  const size = shape.reduce((product, n) => product * n, 1);
  if (own.length !== size) throw new Error(`${name}: ${own.length} values for the shape [${shape}]`);
  return { name, shape, dtype: 'float32', trainable: true, values: own, read: async () => own.slice() };
}

/** A layer with its arrays in Keras' layout: kernel [I, G·H], recurrent [P, G·H], bias [B·G·H]. */
export interface MemoryLayer extends RecurrentLayer {
  readonly kernel: MemoryParameter;
  readonly recurrent: MemoryParameter;
  readonly bias: MemoryParameter | undefined;
  /**
   * Peepholes [3·H] of i, f and o, projection [P, H] and its bias [P], factors of normalizations [G·H], kernel of a second sequence [A,
   * G·H]: those that it has.
   */
  readonly further: readonly MemoryParameter[];
}

export interface LayerOptions {
  readonly name?: string;
  readonly cell?: Cell;
  readonly inputSize: number;
  readonly hiddenSize: number;
  /** Bias vectors: 0, 1 or 2. */
  readonly biases?: number;
  readonly zeroPreserving?: boolean;
  readonly peepholes?: boolean;
  /** P */
  readonly projection?: number;
  readonly projectionBias?: boolean;
  /** An LSTM without an input gate. */
  readonly coupled?: boolean;
  /** An LSTM whose gates are normalised. */
  readonly normalized?: boolean;
  readonly diagonal?: boolean;
  /** A: it reads a second sequence. */
  readonly auxiliary?: number;
}

/** A layer of seeded values in memory. */
export function memoryLayer(options: LayerOptions, next: () => number): MemoryLayer {
  const { name = 'layer', cell = 'LSTM', inputSize, hiddenSize, biases = 1, zeroPreserving = true } = options;
  const outputs = options.projection ?? hiddenSize;
  const names = gatesOf[cell].filter((gate) => gate !== 'i' || !options.coupled);
  const width = names.length * hiddenSize;
  const array = (role: string, shape: number[]) =>
    memoryParameter(
      `${name}/${role}`,
      shape,
      randomFloats(
        shape.reduce((a, b) => a * b, 1),
        next,
      ),
    );
  const kernel = array('kernel', [inputSize, width]);
  const recurrent = array('recurrent_kernel', [options.diagonal ? 1 : outputs, width]);
  const bias = biases === 0 ? undefined : array('bias', [biases * width]);
  const peephole = options.peepholes ? array('peephole', [3 * hiddenSize]) : undefined;
  const projection = options.projection ? array('projection', [outputs, hiddenSize]) : undefined;
  const projectionBias = options.projectionBias ? array('projection_bias', [outputs]) : undefined;
  const normalization = options.normalized ? array('normalization', [width]) : undefined;
  const auxiliary = options.auxiliary ? array('auxiliary_kernel', [options.auxiliary, width]) : undefined;
  const vector = (parameter: Parameter, rows: number, offset = 0): GateView => ({
    parameter,
    rows,
    columns: 1,
    offset,
    rowStride: 1,
    columnStride: 1,
  });
  const view = (parameter: Parameter, columns: number, g: number): GateView => ({
    parameter,
    rows: hiddenSize,
    columns,
    offset: g * hiddenSize,
    rowStride: 1,
    columnStride: width,
  });
  const gates = names.map(
    (gate, g): Gate => ({
      name: gate,
      kernel: view(kernel, inputSize, g),
      recurrent: view(recurrent, recurrent.shape[0], g),
      ...(auxiliary && { auxiliary: view(auxiliary, auxiliary.shape[0], g) }),
      biases: Array.from({ length: biases }, (_, b) => ({
        ...view(bias as Parameter, 1, g),
        offset: b * width + g * hiddenSize,
        columnStride: 1,
      })),
      ...(peephole &&
        gate !== 'c' && { peephole: vector(peephole, hiddenSize, 'ifo'.indexOf(gate) * hiddenSize) }),
      ...(normalization && { normalization: vector(normalization, hiddenSize, g * hiddenSize) }),
    }),
  );
  return {
    name,
    cell,
    direction: 'forward',
    inputSize,
    hiddenSize,
    gates,
    zeroPreserving,
    ...(options.diagonal && { diagonal: true }),
    ...(projection && {
      projection: {
        parameter: projection,
        rows: outputs,
        columns: hiddenSize,
        offset: 0,
        rowStride: hiddenSize,
        columnStride: 1,
      },
    }),
    ...(projectionBias && { projectionBias: vector(projectionBias, outputs) }),
    kernel,
    recurrent,
    bias,
    further: [peephole, projection, projectionBias, normalization, auxiliary].filter(
      (one) => one !== undefined,
    ),
  };
}

/** The value of a gate at [unit, input] by the layout's definition: array [in, G·H], gate g in columns g·H to (g+1)·H. */
export function at(
  array: ArrayLike<number>,
  layer: RecurrentLayer,
  g: number,
  unit: number,
  input: number,
): number {
  return array[input * layer.gates.length * layer.hiddenSize + g * layer.hiddenSize + unit];
}

/** All arrays of a layer. */
export function parametersIn({ kernel, recurrent, bias, further }: MemoryLayer): MemoryParameter[] {
  return [kernel, recurrent, ...(bias ? [bias] : []), ...further];
}

/** A model of such layers, and of further weights. */
export function memoryModel(
  layers: readonly MemoryLayer[],
  others: readonly MemoryParameter[] = [],
): { layers: readonly MemoryLayer[]; parameters: readonly MemoryParameter[] } {
  const own = layers.flatMap(parametersIn);
  return { layers, parameters: [...new Set([...own, ...others])] };
}
