import * as tf from '@tensorflow/tfjs-core';
import type { GraphNode } from '../../model/graph.ts';
import type { Operator } from '../engine.ts';
import { plainWeight } from '../weight.ts';
import { newTensor, sharedBackend } from './backend.ts';
import { columnSums, multiply } from './matMul.ts';
import { defineOperation } from './operation.ts';
import { sparseDense } from './sparseDense.ts';
import type { WasmVariable } from './variable.ts';

type Inputs = 'x' | 'weight' | 'bias';

/** x [..., in] · W [in, out] + b [out]; the axes before the last are rows. */
const compute = defineOperation<Inputs, { readonly biasShape: readonly number[] }>({
  name: 'LstmPrunerDense',
  saved: ['x', 'weight'],
  forward: ({ x, weight, bias }) => {
    const backend = sharedBackend();
    const { k, n, m } = sizesOf(x, weight);
    const output = backend.output([...x.shape.slice(0, -1), n]);
    const b = bias ? backend.place(bias) : 0;
    multiply([{ m, n, k, a: backend.place(x), b: backend.place(weight), bias: b, c: output.pointer }]);
    return [output];
  },
  gradient: ([dy], [x, weight], { biasShape }) => {
    const backend = sharedBackend();
    const { m, k, n } = sizesOf(x, weight);
    return {
      // dy · Wᵀ
      x: () =>
        newTensor(x.shape, (c) => {
          const [a, b] = [backend.place(dy), backend.place(weight)];
          multiply([{ m, n: k, k: n, a, b, transposeB: true, c }]);
        }),
      // xᵀ · dy
      weight: () =>
        newTensor(weight.shape, (c) => {
          const [a, b] = [backend.place(x), backend.place(dy)];
          multiply([{ m: k, n, k: m, a, transposeA: true, b, c }]);
        }),
      bias: () => columnSums(backend.place(dy), m, biasShape),
    };
  },
});

/** A MatMul node with its bias in one kernel. */
export function denseOperator(node: Extract<GraphNode, { op: 'MatMul' }>): Operator {
  const kernel = plainWeight(node.weight, 'kernel');
  return {
    weights: node.bias ? [kernel, plainWeight(node.bias, 'bias')] : [kernel],
    sparse: [true, false],
    forward: (value, [weight, bias]) => {
      const inputs = {
        x: value(node.inputs[0]),
        weight: weight.tensor,
        ...(bias && { bias: bias.tensor }),
      };
      const biasShape = bias?.tensor.shape ?? [];
      const { structure } = weight as WasmVariable;
      return structure ? sparseDense(inputs, { structure, biasShape }) : compute(inputs, { biasShape });
    },
  };
}

function sizesOf(x: tf.TensorInfo, weight: tf.TensorInfo): { m: number; n: number; k: number } {
  const [k, n] = weight.shape;
  return { m: tf.util.sizeFromShape(x.shape.slice(0, -1)), n, k };
}
