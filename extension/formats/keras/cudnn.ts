import type { StoredOrder } from '../hdf5/rebuildable.ts';
import type { LayerConfig } from './config.ts';

/** Layers of Keras 2 over NVIDIA's cuDNN, which keep their matrices in its order. Keras 3 knows them no more. */
const classes = new Set(['CuDNNLSTM', 'CuDNNGRU']);

export function isCudnn(className: string): boolean {
  return classes.has(className);
}

/**
 * The same layer as one of Keras' own: cuDNN computes tanh and sigmoid and nothing else, and a GRU that resets after the product; the
 * configuration names none of them.
 */
export function plainCudnn<T extends LayerConfig>(layer: T): T {
  if (!isCudnn(layer.className)) return layer;
  const settings = { activation: 'tanh', recurrent_activation: 'sigmoid' };
  const reset = layer.className === 'CuDNNGRU' ? { reset_after: true } : {};
  return { ...layer, config: { ...layer.config, ...settings, ...reset } };
}

/** A matrix [in, gates · H], whole in the file, whose values stand in cuDNN's order. */
export interface CudnnMatrix {
  /** As Keras has it, and as the file says it. */
  readonly shape: readonly number[];
  readonly gates: number;
}

/**
 * A fresh array of a matrix in Keras' order. In cuDNN's each gate is a matrix [H, in] of its own, whose values, row by row, fill the gate's
 * columns of the array [in, gates · H], row by row too (`_convert_rnn_weights` in Keras 2's saving).
 * @param width elements of the array that make one value, such as its bytes
 */
export function fromCudnn<T extends Float32Array | Uint8Array>(values: T, matrix: CudnnMatrix, width = 1): T {
  return moved(values, matrix, width, (to, from, keras, cudnn) => {
    for (let i = 0; i < width; i++) to[keras + i] = from[cudnn + i];
  });
}

/** The reverse of `fromCudnn`. */
export function toCudnn<T extends Float32Array | Uint8Array>(values: T, matrix: CudnnMatrix, width = 1): T {
  return moved(values, matrix, width, (to, from, keras, cudnn) => {
    for (let i = 0; i < width; i++) to[cudnn + i] = from[keras + i];
  });
}

/** How a dataset holds the matrix of a layer with so many gates. */
export function cudnnOrder(gates: number): StoredOrder {
  return {
    toRows: (bytes, shape, width) => fromCudnn(bytes, { shape, gates }, width),
    fromRows: (bytes, shape, width) => toCudnn(bytes, { shape, gates }, width),
  };
}

/** Copies every value by its places in both orders. */
function moved<T extends Float32Array | Uint8Array>(
  values: T,
  { shape: [inputs, columns], gates }: CudnnMatrix,
  width: number,
  copy: (to: T, from: T, keras: number, cudnn: number) => void,
): T {
  const result = values.slice() as T;
  const hidden = columns / gates;
  for (let gate = 0; gate < gates; gate++) {
    const first = gate * hidden;
    // Of the gate's values one by one in cuDNN's order: unit by unit, and of each unit input by input.
    for (let unit = 0, row = 0, column = 0; unit < hidden; unit++) {
      for (let input = 0; input < inputs; input++) {
        copy(
          result,
          values,
          (input * columns + first + unit) * width,
          (row * columns + first + column) * width,
        );
        if (++column === hidden) {
          column = 0;
          row++;
        }
      }
    }
  }
  return result;
}
