import { Simd } from './simd';

/*
 * The activations of recurrent cells, four values at a time. Kinds as engine/wasm/recurrentTask.ts numbers them:
 * 0 identity, 1 sigmoid, 2 tanh, 3 relu, 4 hard sigmoid.
 */
export const IDENTITY: i32 = 0;
export const SIGMOID: i32 = 1;
export const TANH: i32 = 2;
export const RELU: i32 = 3;
export const HARD_SIGMOID: i32 = 4;

/** Beyond it tanh is 1 to the precision of a float. */
const LIMIT: f32 = 8.3;

/*
 * tanh(x) ≈ x P(x²) / Q(x²) for |x| ≤ LIMIT, minimax in the relative error by iteratively reweighted least squares: 1e-8
 * in exact arithmetic, 3e-7 as computed in floats. Q has a leading 1.
 */
const P0: f32 = 0.9999999907448059;
const P1: f32 = 0.13425866191340338;
const P2: f32 = 0.0035491634063686164;
const P3: f32 = 2.1508373633075063e-5;
const P4: f32 = 1.4648029789192896e-8;
const Q1: f32 = 0.4675919105130632;
const Q2: f32 = 0.026079929557239936;
const Q3: f32 = 0.0003373939908024473;
const Q4: f32 = 8.29502796731397e-7;

/** By the powers of x² from the highest, P and Q in turn, then the bounds of x. */
export const TANH_TABLE = memory.data<f32>([P4, Q4, P3, Q3, P2, Q2, P1, Q1, P0, 1, LIMIT, -LIMIT]);

/** Of sigmoid(x) = 1/2 + 1/2 tanh(x/2), the halves taken into the polynomials; the last is the half that is added. */
export const SIGMOID_TABLE = memory.data<f32>([
  P4 / 1024,
  Q4 / 256,
  P3 / 256,
  Q3 / 64,
  P2 / 64,
  Q2 / 16,
  P1 / 16,
  Q1 / 4,
  P0 / 4,
  1,
  2 * LIMIT,
  -2 * LIMIT,
  0.5,
]);

export class Activation {
  /** x P(x²) / Q(x²) within the bounds. NaN stays NaN: pmin and pmax give their first argument then. */
  @inline
  static rational(x: v128, table: usize): v128 {
    const a = f32x4.pmax(f32x4.pmin(x, Simd.constant(table, 10)), Simd.constant(table, 11));
    const y = f32x4.mul(a, a);
    let p = Simd.multiplyAdd(y, Simd.constant(table, 0), Simd.constant(table, 2));
    let q = Simd.multiplyAdd(y, Simd.constant(table, 1), Simd.constant(table, 3));
    p = Simd.multiplyAdd(y, p, Simd.constant(table, 4));
    q = Simd.multiplyAdd(y, q, Simd.constant(table, 5));
    p = Simd.multiplyAdd(y, p, Simd.constant(table, 6));
    q = Simd.multiplyAdd(y, q, Simd.constant(table, 7));
    p = Simd.multiplyAdd(y, p, Simd.constant(table, 8));
    q = Simd.multiplyAdd(y, q, Simd.constant(table, 9));
    return f32x4.div(f32x4.mul(a, p), q);
  }

  @inline
  static tanh(x: v128): v128 {
    return Activation.rational(x, TANH_TABLE);
  }

  @inline
  static sigmoid(x: v128): v128 {
    return f32x4.add(Activation.rational(x, SIGMOID_TABLE), Simd.constant(SIGMOID_TABLE, 12));
  }

  @inline
  static apply(kind: i32, alpha: f32, beta: f32, x: v128): v128 {
    if (kind === SIGMOID) return Activation.sigmoid(x);
    if (kind === TANH) return Activation.tanh(x);
    if (kind === RELU) return f32x4.pmax(x, f32x4.splat(0));
    if (kind === HARD_SIGMOID) {
      const line = Simd.multiplyAdd(x, f32x4.splat(alpha), f32x4.splat(beta));
      return f32x4.pmax(f32x4.pmin(line, f32x4.splat(1)), f32x4.splat(0));
    }
    return x;
  }

  /** The derivative where the activation put out y. */
  @inline
  static slope(kind: i32, alpha: f32, y: v128): v128 {
    const one = f32x4.splat(1);
    if (kind === SIGMOID) return f32x4.mul(y, f32x4.sub(one, y));
    if (kind === TANH) return f32x4.sub(one, f32x4.mul(y, y));
    if (kind === RELU) return v128.and(f32x4.gt(y, f32x4.splat(0)), one);
    if (kind === HARD_SIGMOID) {
      const inside = v128.and(f32x4.gt(y, f32x4.splat(0)), f32x4.lt(y, one));
      return v128.and(inside, f32x4.splat(alpha));
    }
    return one;
  }
}
