import { Activation, SIGMOID, SIGMOID_TABLE, TANH, TANH_TABLE } from './activation';
import { Simd } from './simd';

/**
 * An activation over an array in place, whole vectors. The constants of the usual ones stay in registers from the first
 * vector to the last.
 */
export function activate(kind: i32, alpha: f32, beta: f32, values: usize, bytes: usize): void {
  if (kind === SIGMOID) rational(values, bytes, SIGMOID_TABLE, Simd.constant(SIGMOID_TABLE, 12));
  else if (kind === TANH) rational(values, bytes, TANH_TABLE, Simd.zero());
  else {
    for (let q: usize = 0; q < bytes; q += 16) {
      v128.store(values + q, Activation.apply(kind, alpha, beta, v128.load(values + q)));
    }
  }
}

/** `Activation.rational` plus an offset. */
function rational(values: usize, bytes: usize, table: usize, offset: v128): void {
  const p4 = Simd.constant(table, 0);
  const q4 = Simd.constant(table, 1);
  const p3 = Simd.constant(table, 2);
  const q3 = Simd.constant(table, 3);
  const p2 = Simd.constant(table, 4);
  const q2 = Simd.constant(table, 5);
  const p1 = Simd.constant(table, 6);
  const q1 = Simd.constant(table, 7);
  const p0 = Simd.constant(table, 8);
  const q0 = Simd.constant(table, 9);
  const high = Simd.constant(table, 10);
  const low = Simd.constant(table, 11);
  const end = values + bytes;
  for (; values < end; values += 16) {
    const x = f32x4.pmax(f32x4.pmin(v128.load(values), high), low);
    const y = f32x4.mul(x, x);
    let p = Simd.multiplyAdd(y, p4, p3);
    let q = Simd.multiplyAdd(y, q4, q3);
    p = Simd.multiplyAdd(y, p, p2);
    q = Simd.multiplyAdd(y, q, q2);
    p = Simd.multiplyAdd(y, p, p1);
    q = Simd.multiplyAdd(y, q, q1);
    p = Simd.multiplyAdd(y, p, p0);
    q = Simd.multiplyAdd(y, q, q0);
    v128.store(values, f32x4.add(f32x4.div(f32x4.mul(x, p), q), offset));
  }
}
