import * as tf from '@tensorflow/tfjs-core';
import type { GraphNode } from '../../model/graph.ts';
import type { Operator } from '../engine.ts';
import { matMulWeights } from '../ops/matMul.ts';
import { newTensor, sharedBackend } from './backend.ts';
import { columnSums, multiply } from './matMul.ts';
import { defineOperation } from './operation.ts';
import { sparseDense } from './sparseDense.ts';
import type { WasmVariable } from './variable.ts';

type Inputs = 'x' | 'weight' | 'bias';

interface Attributes {
  /** W is kept [out, in]. */
  readonly transposed: boolean;
  readonly biasShape: readonly number[];
}

/** x [..., in] · W [in, out] + b [out]; the axes before the last are rows. */
const compute = defineOperation<Inputs, Attributes>({
  name: 'LstmPrunerDense',
  saved: ['x', 'weight'],
  forward: ({ x, weight, bias }, { transposed }) => {
    const backend = sharedBackend();
    const { k, n, m } = sizesOf(x, weight, transposed);
    const output = backend.output([...x.shape.slice(0, -1), n]);
    const [a, b] = [backend.place(x), backend.place(weight)];
    const start = bias ? backend.place(bias) : 0;
    multiply([{ m, n, k, a, b, transposeB: transposed, bias: start, c: output.pointer }]);
    return [output];
  },
  gradient: ([dy], [x, weight], { transposed, biasShape }) => {
    const backend = sharedBackend();
    const { m, k, n } = sizesOf(x, weight, transposed);
    return {
      // dy · Wᵀ
      x: () =>
        newTensor(x.shape, (c) => {
          const [a, b] = [backend.place(dy), backend.place(weight)];
          multiply([{ m, n: k, k: n, a, b, transposeB: !transposed, c }]);
        }),
      // xᵀ · dy, or where W is kept transposed dyᵀ · x
      weight: () =>
        newTensor(weight.shape, (c) => {
          const [left, right] = transposed ? [dy, x] : [x, dy];
          const [rows, columns] = weight.shape;
          const [a, b] = [backend.place(left), backend.place(right)];
          multiply([{ m: rows, n: columns, k: m, a, transposeA: true, b, c }]);
        }),
      bias: () => columnSums(backend.place(dy), m, biasShape),
    };
  },
});

/** A MatMul node with its bias in one kernel. */
export function denseOperator(node: Extract<GraphNode, { op: 'MatMul' }>): Operator {
  return {
    weights: matMulWeights(node),
    sparse: [true, false],
    forward: (value, [weight, bias]) => {
      const inputs = {
        x: value(node.inputs[0]),
        weight: weight.tensor,
        ...(bias && { bias: bias.tensor }),
      };
      const attributes = { transposed: node.transposed === true, biasShape: bias?.tensor.shape ?? [] };
      const { structure } = weight as WasmVariable;
      return structure ? sparseDense(inputs, { structure, ...attributes }) : compute(inputs, attributes);
    },
  };
}

function sizesOf(
  x: tf.TensorInfo,
  weight: tf.TensorInfo,
  transposed: boolean,
): { m: number; n: number; k: number } {
  const [k, n] = transposed ? weight.shape.toReversed() : weight.shape;
  return { m: tf.util.sizeFromShape(x.shape.slice(0, -1)), n, k };
}
