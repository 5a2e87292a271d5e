import * as tf from '@tensorflow/tfjs-core';
import { newTensor, type Output } from './backend.ts';
import { type KernelCall, replaceKernel } from './replaceKernel.ts';
import { runtime } from './runtime.ts';

/** One product C [m, n] = A · B + bias; addresses. */
export interface Product {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly a: number;
  /** A is given as [k, m]. */
  readonly transposeA?: boolean;
  readonly b: number;
  /** B is given as [n, k]. */
  readonly transposeB?: boolean;
  readonly bias?: number;
  readonly c: number;
}

/** Computes products of one size; room to pack their operands is taken once. */
export function multiply(products: readonly Product[]): void {
  if (products.length === 0) return;
  const { memory, pool } = runtime();
  const { m, n, k } = products[0];
  if (m === 0 || n === 0) return;
  const packed = [Math.ceil(m / 4) * 4 * k * 4, Math.ceil(n / 8) * 8 * k * 4];
  const [left, right] = memory.allocateAll(...packed);
  try {
    for (const { a, transposeA, b, transposeB, bias = 0, c } of products) {
      const flags = [transposeA ? 1 : 0, transposeB ? 1 : 0];
      pool.run('matMul', [m, n, k, a, flags[0], b, flags[1], c, bias, left, right], 2 * m * n * k);
    }
  } finally {
    memory.free(left);
    memory.free(right);
  }
}

interface MatMulAttributes {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/**
 * a [..., m, k] · b [..., k, n], either transposed, the axes before broadcast: every matMul of TensorFlow.js and of its
 * gradients.
 */
function batchMatMul({ inputs: { a, b }, attributes, backend }: KernelCall): tf.TensorInfo {
  const { transposeA, transposeB } = attributes as unknown as MatMulAttributes;
  const [m, k] = lastTwo(a.shape, transposeA);
  const [inner, n] = lastTwo(b.shape, transposeB);
  tf.util.assert(inner === k, () => `matMul: ${a.shape} and ${b.shape} do not fit together`);
  const outer = tf.broadcast_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const countA = tf.util.sizeFromShape(a.shape.slice(0, -2));
  const countB = tf.util.sizeFromShape(b.shape.slice(0, -2));
  const result: Output = backend.output([...outer, m, n]);
  const pointers = { a: backend.place(a), b: backend.place(b) };
  const products: Product[] = [];
  for (let i = 0; i < tf.util.sizeFromShape(outer); i++) {
    products.push({
      m,
      n,
      k,
      a: pointers.a + (i % countA) * m * k * 4,
      transposeA,
      b: pointers.b + (i % countB) * k * n * 4,
      transposeB,
      c: result.pointer + i * m * n * 4,
    });
  }
  multiply(products);
  return result.info;
}

function lastTwo(shape: readonly number[], transposed: boolean): [rows: number, columns: number] {
  const [rows, columns] = shape.slice(-2);
  return transposed ? [columns, rows] : [rows, columns];
}

/** Puts our kernel in the place of TensorFlow.js' own. */
export function registerMatMul(): void {
  replaceKernel('BatchMatMul', batchMatMul);
}

/** Sum over the rows of a matrix [rows, columns] at an address, as a new tensor of this shape. */
export function columnSums(source: number, rows: number, shape: readonly number[]): tf.Tensor {
  const columns = tf.util.sizeFromShape([...shape]);
  return newTensor(shape, (sums) =>
    runtime().pool.run('sumRows', [source, rows, columns, sums], rows * columns),
  );
}
