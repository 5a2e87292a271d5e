import * as tf from '@tensorflow/tfjs-core';
import { newTensor, sharedBackend } from './backend.ts';
import { columnSums } from './matMul.ts';
import { defineOperation } from './operation.ts';
import { sparseInputGradient, sparseMultiply, sparseWeightGradient } from './sparseMatMul.ts';
import type { SparseStructure } from './sparseStructure.ts';

interface Attributes {
  /** Of W [in, out], whose kept values are the input `weight` [nonzero]. */
  readonly structure: SparseStructure;
  readonly biasShape: readonly number[];
}

/** x [..., in] · W [in, out] + b [out] with most of W pruned; the axes before the last are rows. */
export const sparseDense = defineOperation<'x' | 'weight' | 'bias', Attributes>({
  name: 'LstmPrunerSparseDense',
  saved: ['x', 'weight'],
  forward: ({ x, weight, bias }, { structure }) => {
    const backend = sharedBackend();
    const output = backend.output([...x.shape.slice(0, -1), structure.columns]);
    const product = { m: rowsOf(x), structure, values: backend.place(weight) };
    sparseMultiply(product, backend.place(x), bias ? backend.place(bias) : 0, output.pointer);
    return [output];
  },
  gradient: ([dy], [x, weight], { structure, biasShape }) => {
    const backend = sharedBackend();
    const m = rowsOf(x);
    return {
      x: () =>
        newTensor(x.shape, (dx) => {
          const product = { m, structure, values: backend.place(weight) };
          sparseInputGradient(product, backend.place(dy), dx);
        }),
      weight: () =>
        newTensor(weight.shape, (dw) =>
          sparseWeightGradient(m, structure, backend.place(x), backend.place(dy), dw),
        ),
      bias: () => columnSums(backend.place(dy), m, biasShape),
    };
  },
});

function rowsOf({ shape }: tf.TensorInfo): number {
  return tf.util.sizeFromShape(shape.slice(0, -1));
}
