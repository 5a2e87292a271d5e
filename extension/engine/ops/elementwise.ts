import * as tf from '@tensorflow/tfjs-core';
import type { Activation } from '../../model/graph.ts';

/** An elementwise function by its ONNX operator, with ONNX' defaults (ONNX operators, ai.onnx 24). */
export function elementwise<T extends tf.Tensor>({ op, alpha, beta }: Activation, x: T): T {
  switch (op) {
    case 'Identity':
      return x;
    case 'Relu':
      return tf.relu(x);
    case 'Sigmoid':
      return tf.sigmoid(x);
    case 'HardSigmoid':
      return tf.clipByValue(tf.add(tf.mul(x, alpha ?? 0.2), beta ?? 0.5), 0, 1) as T;
    case 'Tanh':
      return tf.tanh(x);
    case 'Softplus':
      return tf.softplus(x);
    case 'Softsign':
      return tf.div(x, tf.add(tf.abs(x), 1)) as T;
    case 'Elu': {
      const below = tf.mul(tf.expm1(tf.minimum(x, 0)), alpha ?? 1);
      return tf.add(tf.relu(x), below) as T;
    }
    case 'Selu':
      return tf.selu(x);
    case 'Celu': {
      const slope = alpha ?? 1;
      const below = tf.mul(tf.expm1(tf.div(tf.minimum(x, 0), slope)), slope);
      return tf.add(tf.relu(x), below) as T;
    }
    case 'Gelu':
      // x Φ(x), not its tanh approximation.
      return tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1)) as T;
    case 'Exp':
      return tf.exp(x);
    case 'Log':
      return tf.log(x);
    case 'Sqrt':
      return tf.sqrt(x);
    case 'Reciprocal':
      return tf.reciprocal(x);
    case 'Abs':
      return tf.abs(x);
    case 'Erf':
      return tf.erf(x);
    case 'Sin':
      return tf.sin(x);
    case 'Cos':
      return tf.cos(x);
    case 'LeakyRelu':
      return tf.leakyRelu(x, alpha ?? 0.01);
    case 'Clip':
      return tf.clipByValue(x, alpha ?? -Infinity, beta ?? Infinity) as T;
    case 'Affine':
      return tf.add(tf.mul(x, alpha ?? 1), beta ?? 0) as T;
    case 'ScaledTanh':
      return tf.mul(tf.tanh(tf.mul(x, beta ?? 1)), alpha ?? 1) as T;
    case 'ThresholdedRelu':
      return tf.where(isAbove(x, alpha ?? 1), x, tf.zerosLike(x)) as T;
    case 'Swish':
      return tf.mul(x, tf.sigmoid(x)) as T;
    case 'HardSwish':
      return tf.mul(x, tf.clipByValue(tf.add(tf.mul(x, 1 / 6), 0.5), 0, 1)) as T;
    case 'Mish':
      return tf.mul(x, tf.tanh(tf.softplus(x))) as T;
    case 'Shrink': {
      // Beyond ±lambd, moved towards 0 by the bias.
      const [limit, bias] = [alpha ?? 0.5, beta ?? 0];
      const moved = tf.sub(x, tf.mul(tf.sign(x), bias));
      return tf.where(isAbove(tf.abs(x), limit), moved, tf.zerosLike(x)) as T;
    }
    case 'TanhShrink':
      return tf.sub(x, tf.tanh(x)) as T;
    case 'LogSigmoid':
      return tf.neg(tf.softplus(tf.neg(x))) as T;
    case 'Squareplus':
      // (x + √(x² + 4)) / 2
      return tf.mul(tf.add(x, tf.sqrt(tf.add(tf.square(x), 4))), 0.5) as T;
    case 'Trunc':
      return tf.mul(tf.sign(x), tf.floor(tf.abs(x))) as T;
    case 'SparsePlus': {
      // 0 up to −1, x from 1 on, (x + 1)² / 4 between.
      const between = tf.mul(tf.square(tf.add(x, 1)), 0.25);
      return tf.where(isAbove(x, -1), tf.where(isAbove(x, 1), x, between), tf.zerosLike(x)) as T;
    }
  }
}

/** Whether x is larger. TensorFlow.js' own comparisons have no gradient, not even one of 0, and stop a training. */
function isAbove(x: tf.Tensor, limit: number): tf.Tensor {
  return tf.cast(tf.step(tf.sub(x, limit)), 'bool');
}
