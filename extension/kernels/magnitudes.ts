import { Simd } from './simd';

/*
 * Runs of floats, `length` of them each and `stride` bytes from one to the next. Magnitudes are in the order of the bits without the sign,
 * NaN behind infinity, and zero, of either sign, is the one without bits; so integers compare them.
 */

const UNSIGNED: i32 = 0x7fffffff;

/**
 * Adds to what is at `sums`: to an f64 the sum of all magnitudes, to the i32 behind it how many are zero; in the next i32 the bits of the
 * largest are kept; to the last is added how many magnitudes have bits below `from`. Writes at `between` the bits of those from there to
 * below `to`, in any order.
 * @param from above 0; or 0, and `to` as well, where nothing is sorted out
 * @returns the address behind what was written
 */
export function magnitudes(
  values: usize,
  runs: i32,
  length: i32,
  stride: usize,
  from: i32,
  to: i32,
  sums: usize,
  between: usize,
): usize {
  const unsigned = i32x4.splat(UNSIGNED);
  const first = i32x4.splat(from);
  const end = i32x4.splat(to);
  let even = f64x2.splat(0);
  let odd = f64x2.splat(0);
  let largest = i32x4.splat(load<i32>(sums, 12));
  let zeros = i32x4.splat(0);
  let under = i32x4.splat(0);
  for (let run = 0; run < runs; run++, values += stride) {
    for (let i = 0; i < length; i += 4) {
      const v = v128.and(Simd.loadPart(values + ((<usize>i) << 2), length - i), unsigned);
      even = f64x2.add(even, f64x2.promote_low_f32x4(v));
      odd = f64x2.add(odd, f64x2.promote_low_f32x4(v128.shuffle<i64>(v, v, 1, 0)));
      largest = i32x4.max_s(largest, v);
      // Where they are equal all bits are set: -1.
      zeros = i32x4.sub(zeros, i32x4.eq(v, i32x4.splat(0)));
      const isUnder = i32x4.lt_s(v, first);
      under = i32x4.sub(under, isUnder);
      const isBetween = i32x4.bitmask(v128.andnot(i32x4.lt_s(v, end), isUnder));
      if (isBetween === 0) continue;
      if (isBetween & 1) between = put(between, i32x4.extract_lane(v, 0));
      if (isBetween & 2) between = put(between, i32x4.extract_lane(v, 1));
      if (isBetween & 4) between = put(between, i32x4.extract_lane(v, 2));
      if (isBetween & 8) between = put(between, i32x4.extract_lane(v, 3));
    }
  }
  const sum = f64x2.add(even, odd);
  store<f64>(sums, load<f64>(sums) + f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1));
  // What stands for the floats that the last four of a run lack is zero, too.
  const lacking = runs * (-length & 3);
  store<i32>(sums, load<i32>(sums, 8) + total(zeros) - lacking, 8);
  largest = i32x4.max_s(largest, v128.shuffle<i64>(largest, largest, 1, 0));
  store<i32>(sums, max(i32x4.extract_lane(largest, 0), i32x4.extract_lane(largest, 1)), 12);
  store<i32>(sums, load<i32>(sums, 16) + total(under) - (from > 0 ? lacking : 0), 16);
  return between;
}

function put(at: usize, bits: i32): usize {
  store<i32>(at, bits);
  return at + 4;
}

function total(v: v128): i32 {
  const pairs = i32x4.add(v, v128.shuffle<i64>(v, v, 1, 0));
  return i32x4.extract_lane(pairs, 0) + i32x4.extract_lane(pairs, 1);
}
