/*
 * What the kernels share on four floats at a time. Inlined functions are static methods: those alone may carry a
 * decorator in TypeScript's own grammar, which the formatter reads.
 */

export class Simd {
  /** a · b + c; rounded once in the build with relaxed SIMD, twice in the plain one. */
  @inline
  static multiplyAdd(a: v128, b: v128, c: v128): v128 {
    if (isDefined(RELAXED)) return f32x4.relaxed_madd(a, b, c);
    return f32x4.add(f32x4.mul(a, b), c);
  }

  /**
   * Number i of a table of constants, `memory.data<f32>([…])`, in all lanes. V8 reads it in one instruction, where it
   * makes a splat of a literal anew, in three, each time that a loop comes by.
   */
  @inline
  static constant(table: usize, i: i32): v128 {
    return v128.load_splat<f32>(table + ((<usize>i) << 2));
  }

  @inline
  static zero(): v128 {
    return f32x4.splat(0);
  }

  /** Sum of the four lanes, in a fixed order. */
  @inline
  static sum(v: v128): f32 {
    return (
      f32x4.extract_lane(v, 0) +
      f32x4.extract_lane(v, 1) +
      (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3))
    );
  }

  /** The first `count` (0…4) floats at `p`, the others 0; reads nothing beyond them. */
  @inline
  static loadPart(p: usize, count: i32): v128 {
    if (count >= 4) return v128.load(p);
    if (count === 3) return v128.load_lane<f32>(p + 8, v128.load64_zero(p), 2);
    if (count === 2) return v128.load64_zero(p);
    if (count === 1) return v128.load32_zero(p);
    return f32x4.splat(0);
  }

  /** Stores the first `count` (0…4) lanes at `p`; writes nothing beyond them. */
  @inline
  static storePart(p: usize, v: v128, count: i32): void {
    if (count >= 4) {
      v128.store(p, v);
      return;
    }
    if (count >= 2) v128.store_lane<i64>(p, v, 0);
    if (count === 3) v128.store_lane<f32>(p + 8, v, 2);
    if (count === 1) v128.store_lane<f32>(p, v, 0);
  }

  /** All bits set in the first `count` (0…4) lanes. */
  @inline
  static firstLanes(count: i32): v128 {
    return i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(count));
  }
}
