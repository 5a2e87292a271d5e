import { Simd } from './simd';

/** Added to a float below 2²² it leaves the nearest integer in the last bits. */
const ROUND: f32 = 12582912;
/** Below it e^x has no normal float; 0 is put in its place. */
const LOWEST: f32 = -87.33654;
/** ln 2 in two parts, of which multiples of the first are exact (Cody & Waite 1980). */
const LN2_HIGH: f32 = 0.693359375;
const LN2_LOW: f32 = -2.1219444e-4;

/** The polynomial is that of Cephes' expf (Moshier 1992), from the highest power. */
const TABLE = memory.data<f32>([
  <f32>Math.LOG2E,
  ROUND,
  -LN2_HIGH,
  -LN2_LOW,
  1.98756915e-4,
  1.3981999507e-3,
  8.3334519073e-3,
  4.1665795894e-2,
  1.6666665459e-1,
  5.0000001201e-1,
  1,
  LOWEST,
]);

export class Exponential {
  /** e^x of x ≤ 0, to within 2 units in the last place; 0 below −87.3, NaN of NaN. */
  @inline
  static ofNegative(x: v128): v128 {
    const rounded = Simd.multiplyAdd(x, Simd.constant(TABLE, 0), Simd.constant(TABLE, 1));
    const n = f32x4.sub(rounded, Simd.constant(TABLE, 1));
    let r = Simd.multiplyAdd(n, Simd.constant(TABLE, 2), x);
    r = Simd.multiplyAdd(n, Simd.constant(TABLE, 3), r);
    let p = Simd.multiplyAdd(r, Simd.constant(TABLE, 4), Simd.constant(TABLE, 5));
    p = Simd.multiplyAdd(p, r, Simd.constant(TABLE, 6));
    p = Simd.multiplyAdd(p, r, Simd.constant(TABLE, 7));
    p = Simd.multiplyAdd(p, r, Simd.constant(TABLE, 8));
    p = Simd.multiplyAdd(p, r, Simd.constant(TABLE, 9));
    const one = Simd.constant(TABLE, 10);
    p = Simd.multiplyAdd(p, f32x4.mul(r, r), f32x4.add(r, one));
    // 2ⁿ, by its exponent. Multiplied, not added to the bits, so that NaN stays NaN.
    const power = i32x4.add(i32x4.shl(rounded, 23), one);
    // Where x is too low the power is nonsense; not so where it is NaN.
    return v128.andnot(f32x4.mul(p, power), f32x4.lt(x, Simd.constant(TABLE, 11)));
  }
}

/** y [n] = e^x of x [n] ≤ 0; for tests. Whole vectors. */
export function exponentials(x: usize, n: i32, y: usize): void {
  for (let i = 0; i < n; i += 4) {
    const at = (<usize>i) << 2;
    v128.store(y + at, Exponential.ofNegative(v128.load(x + at)));
  }
}
