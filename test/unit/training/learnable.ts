import type { Samples } from '../../../extension/data/dataset.ts';
import type { Graph } from '../../../extension/model/graph.ts';
import type { Loss } from '../../../extension/model/loss.ts';
import type { Parameter } from '../../../extension/model/parameter.ts';
import {
  type MemoryLayer,
  type MemoryParameter,
  memoryLayer,
  memoryParameter,
} from '../../support/memoryModel.ts';
import { randomFloats, seeded } from '../../support/random.ts';

/** A small LSTM classifier in memory with samples that it can learn: which of two numbers was larger at the first step. */
export interface Learnable {
  readonly graph: Graph;
  readonly loss: Loss;
  readonly layer: MemoryLayer;
  readonly parameters: readonly MemoryParameter[];
  readonly samples: Samples;
}

export interface LearnableOptions {
  readonly samples?: number;
  readonly steps?: number;
  readonly hidden?: number;
  /** Share dropped before the last layer while training. */
  readonly dropout?: number;
  readonly seed?: number;
}

const inputs = 2;

export function learnable(options: LearnableOptions = {}): Learnable {
  const { samples: count = 60, steps = 5, hidden = 6, dropout = 0, seed = 1 } = options;
  const next = seeded(seed);
  const layer = memoryLayer({ name: 'lstm', inputSize: inputs, hiddenSize: hidden }, next);
  const weight = memoryParameter('dense/kernel', [hidden, 1], randomFloats(hidden, next));
  const bias = memoryParameter('dense/bias', [1], [0]);
  const activation = { op: 'Tanh' } as const;
  const graph: Graph = {
    inputs: [{ name: 'x', shape: [null, steps, inputs], dtype: 'float32' }],
    nodes: [
      {
        op: 'LSTM',
        layer,
        inputs: ['x'],
        outputs: ['all', 'last'],
        origin: 'lstm',
        gateActivation: { op: 'Sigmoid' },
        activation,
      },
      { op: 'Dropout', rate: dropout, inputs: ['last'], outputs: ['dropped'], origin: 'dropout' },
      { op: 'MatMul', weight, bias, inputs: ['dropped'], outputs: ['z'], origin: 'dense' },
      { op: 'Activation', activation: { op: 'Sigmoid' }, inputs: ['z'], outputs: ['y'], origin: 'dense' },
    ],
    outputs: [{ name: 'y' }],
  };
  const x = randomFloats(count * steps * inputs, next);
  const targets = Float32Array.from({ length: count }, (_, i) =>
    x[i * steps * inputs] > x[i * steps * inputs + 1] ? 1 : 0,
  );
  return {
    graph,
    loss: { name: 'binary_crossentropy', head: 'sigmoid', width: 1, fromLogits: true },
    layer,
    parameters: [layer.kernel, layer.recurrent, layer.bias as MemoryParameter, weight, bias],
    samples: {
      inputs: [{ shape: [count, steps, inputs], data: x }],
      targets: { shape: [count, 1], data: targets },
      count,
    },
  };
}

/** Samples `from` up to `to`. */
export function part({ inputs, targets }: Samples, from: number, to: number): Samples {
  const cut = <T extends Samples['targets']>({ shape, data }: T) => {
    const size = data.length / shape[0];
    return { shape: [to - from, ...shape.slice(1)], data: data.slice(from * size, to * size) };
  };
  return { inputs: inputs.map(cut), targets: cut(targets), count: to - from };
}

/** Prunes every other weight of a kernel. */
export function maskHalf(parameter: Parameter): void {
  const size = parameter.shape.reduce((a, b) => a * b, 1);
  parameter.mask = Uint8Array.from({ length: size }, (_, i) => i % 2);
}
