import * as tf from '@tensorflow/tfjs-core';
import { newTensor, sharedBackend } from './backend.ts';
import { columnSums } from './matMul.ts';
import { defineOperation } from './operation.ts';
import { sparseMultiply, sparseMultiplyTransposed, sparseWeightGradient } from './sparseMatMul.ts';
import type { SparseStructure } from './sparseStructure.ts';

interface Attributes {
  /** Of W [in, out], or transposed [out, in], whose kept values are the input `weight` [nonzero]. */
  readonly structure: SparseStructure;
  readonly transposed: boolean;
  readonly biasShape: readonly number[];
}

/** x [..., in] · W [in, out] + b [out] with most of W pruned; the axes before the last are rows. */
export const sparseDense = defineOperation<'x' | 'weight' | 'bias', Attributes>({
  name: 'LstmPrunerSparseDense',
  saved: ['x', 'weight'],
  forward: ({ x, weight, bias }, { structure, transposed }) => {
    const backend = sharedBackend();
    const output = backend.output([...x.shape.slice(0, -1), transposed ? structure.rows : structure.columns]);
    const product = { m: rowsOf(x), structure, values: backend.place(weight) };
    const multiply = transposed ? sparseMultiplyTransposed : sparseMultiply;
    multiply(product, backend.place(x), bias ? backend.place(bias) : 0, output.pointer);
    return [output];
  },
  gradient: ([dy], [x, weight], { structure, transposed, biasShape }) => {
    const backend = sharedBackend();
    const m = rowsOf(x);
    return {
      x: () =>
        newTensor(x.shape, (dx) => {
          const product = { m, structure, values: backend.place(weight) };
          const multiply = transposed ? sparseMultiply : sparseMultiplyTransposed;
          multiply(product, backend.place(dy), 0, dx);
        }),
      weight: () =>
        newTensor(weight.shape, (dw) => {
          const [left, right] = transposed ? [dy, x] : [x, dy];
          sparseWeightGradient(m, structure, backend.place(left), backend.place(right), dw);
        }),
      bias: () => columnSums(backend.place(dy), m, biasShape),
    };
  },
});

function rowsOf({ shape }: tf.TensorInfo): number {
  return tf.util.sizeFromShape(shape.slice(0, -1));
}
