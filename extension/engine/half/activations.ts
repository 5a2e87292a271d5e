import * as tf from '@tensorflow/tfjs-core';
import type { Activation, CellActivation, RecurrentNode } from '../../model/graph.ts';
import { nearest } from '../../model/rounding.ts';
import { elementwise } from '../ops/elementwise.ts';
import type { HalfArithmetic } from './arithmetic.ts';
import { sumsOfRows } from './sums.ts';

/** An elementwise function of halves, by the operations that Keras and TensorFlow make it of; others are one operation. */
export function halfElementwise(half: HalfArithmetic, activation: Activation, x: tf.Tensor): tf.Tensor {
  const { add, sub, mul, div, share, rounded } = half;
  const number = (value: number) => rounded(tf.scalar(value));
  const { op, alpha, beta } = activation;
  switch (op) {
    case 'Sigmoid':
      return sigmoid(half, x);
    case 'Swish':
      return mul(x, sigmoid(half, x));
    case 'Softplus':
      return softplus(half, x);
    case 'LogSigmoid':
      return tf.neg(softplus(half, tf.neg(x)));
    case 'Mish':
      return mul(x, rounded(tf.tanh(softplus(half, x))));
    case 'Softsign':
      return div(x, add(number(1), tf.abs(x)));
    case 'TanhShrink':
      return sub(x, rounded(tf.tanh(x)));
    case 'HardSigmoid':
      return hardSigmoid(half, x, activation);
    case 'HardSwish':
      return mul(sixfold(half, x), share(x, 6));
    case 'LeakyRelu':
      return tf.where(tf.greater(x, 0), x, mul(x, number(alpha ?? 0.01)));
    case 'Elu': {
      const below = powerLessOne(half, x);
      return tf.where(tf.less(x, 0), alpha === undefined ? below : mul(number(alpha), below), x);
    }
    case 'Selu': {
      const below = mul(number(seluScale * seluAlpha), powerLessOne(half, x));
      return tf.where(tf.less(x, 0), below, mul(number(seluScale), x));
    }
    case 'Celu': {
      const below = tf.expm1(share(tf.minimum(x, 0), alpha ?? 1));
      return add(tf.relu(x), mul(number(alpha ?? 1), rounded(below)));
    }
    case 'Gelu': {
      const complement = rounded(tf.sub(1, tf.erf(mul(tf.neg(x), number(Math.SQRT1_2)))));
      return mul(mul(number(0.5), x), complement);
    }
    case 'Squareplus':
      return share(add(x, rounded(tf.sqrt(add(mul(x, x), number(4))))), 2);
    case 'Affine':
      return add(mul(x, number(alpha ?? 1)), number(beta ?? 0));
    default:
      return rounded(elementwise(activation, x));
  }
}

/** Klambauer et al. 2017. */
const seluScale = 1.0507009873554805;
const seluAlpha = 1.6732632423543772;

/** e^x − 1 */
function powerLessOne({ rounded, sub }: HalfArithmetic, x: tf.Tensor): tf.Tensor {
  return sub(rounded(tf.exp(x)), tf.scalar(1));
}

/** Keras 3 has (x + 3) / 6 between 0 and 1, those before it 0.2 x + 0.5. */
function hardSigmoid(half: HalfArithmetic, x: tf.Tensor, activation: Activation): tf.Tensor {
  const { add, mul, share, rounded } = half;
  const { alpha, beta } = activation;
  if (isSixth(activation)) return share(sixfold(half, x), 6);
  const [slope, offset] = [alpha ?? 0.2, beta ?? 0.5].map((value) => rounded(tf.scalar(value)));
  return tf.clipByValue(add(mul(x, slope), offset), 0, 1);
}

/** Whether an activation is Keras 3's hard_sigmoid. */
function isSixth({ op, alpha }: CellActivation & { readonly alpha?: number }): boolean {
  return op === 'HardSigmoid' && alpha !== undefined && Math.abs(alpha - 1 / 6) < 1e-6;
}

/** What hard_sigmoid divides by 6. */
function sixfold({ add }: HalfArithmetic, x: tf.Tensor): tf.Tensor {
  return tf.clipByValue(add(x, tf.scalar(3)), 0, 6);
}

/** x where it is large, e^x where it is small, log(1 + e^x) between (TensorFlow's softplus_op.h, by Eigen's epsilons). */
function softplus({ type, rounded }: HalfArithmetic, x: tf.Tensor): tf.Tensor {
  const [limit] = nearest(Float32Array.of(2 + Math.log(2 ** (type === 'float16' ? -13 : -7))), type);
  const power = rounded(tf.exp(x));
  const middle = tf.where(tf.less(x, limit), power, rounded(tf.log1p(power)));
  return tf.where(tf.greater(x, -limit), x, middle);
}

/**
 * The input gate of an LSTM times the candidate, which is an activation of x. TensorFlow optimises graphs so that not a gate of hard_sigmoid is
 * divided by 6, but the candidate, and so that two divisions become one.
 */
export function letIn(
  half: HalfArithmetic,
  { gateActivation, activation }: Pick<RecurrentNode, 'gateActivation' | 'activation'>,
  gate: tf.Tensor,
  x: tf.Tensor,
): tf.Tensor {
  const { mul, share } = half;
  const candidate = () => halfCellActivation(half, activation, x);
  if (!isSixth(gateActivation)) return mul(halfCellActivation(half, gateActivation, gate), candidate());
  const sixfoldGate = sixfold(half, gate);
  if (!isSixth(activation)) return mul(sixfoldGate, share(candidate(), 6));
  return share(mul(sixfoldGate, sixfold(half, x)), 36);
}

/** An activation inside a recurrent cell, of x [H,B]: a softmax runs over the units. */
export function halfCellActivation(
  half: HalfArithmetic,
  activation: CellActivation,
  x: tf.Tensor,
): tf.Tensor {
  switch (activation.op) {
    case 'Softmax':
    case 'LogSoftmax':
      return tf.transpose(halfSoftmax(half, tf.transpose(x), activation.op));
    default:
      return halfElementwise(half, activation, x);
  }
}

/** e^x / (1 + e^x), and 1 where e^x is too large (Eigen's scalar_logistic_op). */
function sigmoid(half: HalfArithmetic, x: tf.Tensor): tf.Tensor {
  const power = half.rounded(tf.exp(x));
  return tf.where(tf.isInf(power), tf.onesLike(x), half.div(power, half.add(power, tf.scalar(1))));
}

/** A softmax along the last axis, or its logarithm (TensorFlow's softmax_op_functor.h). */
export function halfSoftmax(half: HalfArithmetic, x: tf.Tensor, op: 'Softmax' | 'LogSoftmax'): tf.Tensor {
  const shifted = half.sub(x, tf.max(x, -1, true));
  const powers = half.rounded(tf.exp(shifted));
  const sums = sumsOfRows(half, powers);
  if (op === 'LogSoftmax') return half.sub(shifted, half.rounded(tf.log(sums)));
  return half.mul(powers, half.rounded(tf.reciprocal(sums)));
}
