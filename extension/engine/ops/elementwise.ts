import * as tf from '@tensorflow/tfjs-core';
import type { Activation } from '../../model/graph.ts';

/** An elementwise function by its ONNX operator (ONNX operators, ai.onnx 24). */
export function elementwise<T extends tf.Tensor>({ op, alpha = 1, beta = 0 }: Activation, x: T): T {
  switch (op) {
    case 'Identity':
      return x;
    case 'Relu':
      return tf.relu(x);
    case 'Sigmoid':
      return tf.sigmoid(x);
    case 'HardSigmoid':
      return tf.clipByValue(tf.add(tf.mul(x, alpha), beta), 0, 1) as T;
    case 'Tanh':
      return tf.tanh(x);
    case 'Softplus':
      return tf.softplus(x);
    case 'Softsign':
      return tf.div(x, tf.add(tf.abs(x), 1)) as T;
    case 'Elu':
      return tf.elu(x);
    case 'Selu':
      return tf.selu(x);
    case 'Gelu':
      // x Φ(x), not its tanh approximation.
      return tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1)) as T;
    case 'Exp':
      return tf.exp(x);
    case 'LeakyRelu':
      return tf.leakyRelu(x, alpha);
    case 'Clip':
      return tf.clipByValue(x, alpha, beta) as T;
    case 'Swish':
      return tf.mul(x, tf.sigmoid(x)) as T;
    case 'HardSwish':
      return tf.mul(x, tf.clipByValue(tf.add(tf.mul(x, 1 / 6), 0.5), 0, 1)) as T;
    case 'Mish':
      return tf.mul(x, tf.tanh(tf.softplus(x))) as T;
  }
}
