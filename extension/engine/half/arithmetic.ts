import * as tf from '@tensorflow/tfjs-core';
import { type HalfType, nearest } from '../../model/rounding.ts';

/** Operations on tensors of 16-bit floats, as TensorFlow has them on a processor (2.21): computed in float32, each result rounded. */
export interface HalfArithmetic {
  readonly type: HalfType;
  rounded<T extends tf.Tensor>(x: T): T;
  add(a: tf.Tensor, b: tf.Tensor): tf.Tensor;
  sub(a: tf.Tensor, b: tf.Tensor): tf.Tensor;
  mul(a: tf.Tensor, b: tf.Tensor): tf.Tensor;
  div(a: tf.Tensor, b: tf.Tensor): tf.Tensor;
  /** Divided by a number that the model holds: TensorFlow optimises graphs so that they multiply with its reciprocal. */
  share(x: tf.Tensor, count: number): tf.Tensor;
  /** A product of matrices that was computed in float32: bfloat16 is the upper half of it, cut off and not rounded. */
  product<T extends tf.Tensor>(inFloats: T): T;
}

/** The operations of one type. */
export function arithmeticOf(type: HalfType): HalfArithmetic {
  const rounded = <T extends tf.Tensor>(x: T): T =>
    (x.dtype === 'float32' ? tf.tensor(nearest(valuesOf(x), type), x.shape, 'float32') : x) as T;
  return {
    type,
    rounded,
    add: (a, b) => rounded(tf.add(a, b)),
    sub: (a, b) => rounded(tf.sub(a, b)),
    mul: (a, b) => rounded(tf.mul(a, b)),
    div: (a, b) => rounded(tf.div(a, b)),
    share: (x, count) => rounded(tf.mul(x, rounded(tf.scalar(1 / count)))),
    product: type === 'float16' ? rounded : upperHalves,
  };
}

function upperHalves<T extends tf.Tensor>(x: T): T {
  const values = valuesOf(x).slice();
  const bits = new Uint32Array(values.buffer);
  for (let i = 0; i < bits.length; i++) bits[i] &= 0xffff0000;
  return tf.tensor(values, x.shape, 'float32') as T;
}

/** What TensorFlow.js casts from truth values it keeps in bytes. */
function valuesOf(x: tf.Tensor): Float32Array {
  const values: tf.TypedArray = x.dataSync();
  return values instanceof Float32Array ? values : Float32Array.from(values);
}
