import { Share } from './share';
import { Simd } from './simd';

/*
 * The update rules of model/optimizer.ts over a weight's values w [n], after engine/reference/optimizer.ts. All take the
 * penalties' gradient in and hold the mask: where it is 0, weight and moments become +0, whatever the gradient is.
 * They work on whole vectors: every array is a block of the allocator, which ends at a multiple of 64 bytes.
 */

/** So many values make one partial sum of a norm, whatever the number of threads. */
const CHUNK: i32 = 4096;

class Gradient {
  /** g + λ1 sign(w) + 2 λ2 w; `decay` = 2 λ2. */
  @inline
  static penalised(g: v128, w: v128, l1: f32, decay: f32): v128 {
    if (l1 === 0 && decay === 0) return g;
    const zero = f32x4.splat(0);
    const sign = f32x4.sub(
      v128.and(f32x4.gt(w, zero), f32x4.splat(1)),
      v128.and(f32x4.lt(w, zero), f32x4.splat(1)),
    );
    return f32x4.add(g, Simd.multiplyAdd(f32x4.splat(decay), w, f32x4.mul(f32x4.splat(l1), sign)));
  }

  /** The same times `scale`, in the lanes that are kept; 0 in the others. */
  @inline
  static scaled(g: v128, w: v128, l1: f32, decay: f32, scale: f32, kept: v128): v128 {
    return v128.and(f32x4.mul(Gradient.penalised(g, w, l1, decay), f32x4.splat(scale)), kept);
  }
}

class Mask {
  /** All bits set in the lanes whose bytes at `mask + i` are not 0; in all lanes where mask = 0. */
  @inline
  static lanes(mask: usize, i: i32): v128 {
    if (mask === 0) return i32x4.splat(-1);
    const bytes = i16x8.extend_low_i8x16_u(v128.load32_zero(mask + i));
    return i32x4.gt_s(i32x4.extend_low_i16x8_u(bytes), i32x4.splat(0));
  }
}

/**
 * Partial sums in float64 of the squares of the gradient with penalties, kept places only: one for each 4096 values.
 * @param mask [n] bytes; 0 = nothing is masked
 * @param sums takes [⌈n/4096⌉] float64
 */
export function squares(
  w: usize,
  g: usize,
  mask: usize,
  n: i32,
  l1: f32,
  decay: f32,
  sums: usize,
  thread: i32,
  threads: i32,
): void {
  const chunks = (n + CHUNK - 1) / CHUNK;
  const to = Share.to(chunks, 1, thread, threads);
  for (let chunk = Share.from(chunks, 1, thread, threads); chunk < to; chunk++) {
    const last = min(n, (chunk + 1) * CHUNK);
    let low = f64x2.splat(0);
    let high = f64x2.splat(0);
    for (let i = chunk * CHUNK; i < last; i += 4) {
      const at = (<usize>i) << 2;
      let v = Gradient.penalised(v128.load(g + at), v128.load(w + at), l1, decay);
      v = v128.and(v, Mask.lanes(mask, i));
      if (last - i < 4) v = v128.and(v, Simd.firstLanes(last - i));
      const a = f64x2.promote_low_f32x4(v);
      const b = f64x2.promote_low_f32x4(v128.shuffle<f32>(v, v, 2, 3, 2, 3));
      low = f64x2.add(low, f64x2.mul(a, a));
      high = f64x2.add(high, f64x2.mul(b, b));
    }
    const sum = f64x2.add(low, high);
    store<f64>(sums + ((<usize>chunk) << 3), f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1));
  }
}

/** m ← β1 m + (1−β1) g, v ← β2 v + (1−β2) g², w ← w − step · m / (√v + ε); `rest1` = 1−β1, `rest2` = 1−β2. */
export function adam(
  w: usize,
  g: usize,
  mask: usize,
  m: usize,
  v: usize,
  n: i32,
  l1: f32,
  decay: f32,
  scale: f32,
  step: f32,
  beta1: f32,
  rest1: f32,
  beta2: f32,
  rest2: f32,
  epsilon: f32,
  thread: i32,
  threads: i32,
): void {
  const to = Share.to(n, 16, thread, threads);
  for (let i = Share.from(n, 16, thread, threads); i < to; i += 4) {
    const at = (<usize>i) << 2;
    const kept = Mask.lanes(mask, i);
    let weight = v128.load(w + at);
    const gradient = Gradient.scaled(v128.load(g + at), weight, l1, decay, scale, kept);
    let first = f32x4.mul(f32x4.splat(beta1), v128.and(v128.load(m + at), kept));
    first = Simd.multiplyAdd(f32x4.splat(rest1), gradient, first);
    let second = f32x4.mul(f32x4.splat(beta2), v128.and(v128.load(v + at), kept));
    second = Simd.multiplyAdd(f32x4.mul(f32x4.splat(rest2), gradient), gradient, second);
    const root = f32x4.add(f32x4.sqrt(second), f32x4.splat(epsilon));
    weight = f32x4.sub(weight, f32x4.div(f32x4.mul(f32x4.splat(step), first), root));
    v128.store(m + at, first);
    v128.store(v + at, second);
    v128.store(w + at, v128.and(weight, kept));
  }
}

/**
 * m ← μ m − step · g, w ← w + m, or with nesterov w ← w + μ m − step · g.
 * @param m 0 = no momentum, w ← w − step · g
 */
export function sgd(
  w: usize,
  g: usize,
  mask: usize,
  m: usize,
  n: i32,
  l1: f32,
  decay: f32,
  scale: f32,
  step: f32,
  momentum: f32,
  nesterov: bool,
  thread: i32,
  threads: i32,
): void {
  const to = Share.to(n, 16, thread, threads);
  for (let i = Share.from(n, 16, thread, threads); i < to; i += 4) {
    const at = (<usize>i) << 2;
    const kept = Mask.lanes(mask, i);
    const weight = v128.load(w + at);
    const gradient = Gradient.scaled(v128.load(g + at), weight, l1, decay, scale, kept);
    let move = f32x4.mul(gradient, f32x4.splat(-step));
    if (m) {
      const past = v128.and(v128.load(m + at), kept);
      const first = Simd.multiplyAdd(f32x4.splat(momentum), past, move);
      v128.store(m + at, first);
      move = nesterov ? Simd.multiplyAdd(f32x4.splat(momentum), first, move) : first;
    }
    v128.store(w + at, v128.and(f32x4.add(weight, move), kept));
  }
}

/**
 * v ← ρ v + (1−ρ) g², w ← w − step · g / √(v + ε); with momentum m ← μ m + step · g / √(v + ε), w ← w − m; `rest` = 1−ρ.
 * @param m 0 = no momentum
 */
export function rmsprop(
  w: usize,
  g: usize,
  mask: usize,
  v: usize,
  m: usize,
  n: i32,
  l1: f32,
  decay: f32,
  scale: f32,
  step: f32,
  rho: f32,
  rest: f32,
  momentum: f32,
  epsilon: f32,
  thread: i32,
  threads: i32,
): void {
  const to = Share.to(n, 16, thread, threads);
  for (let i = Share.from(n, 16, thread, threads); i < to; i += 4) {
    const at = (<usize>i) << 2;
    const kept = Mask.lanes(mask, i);
    const weight = v128.load(w + at);
    const gradient = Gradient.scaled(v128.load(g + at), weight, l1, decay, scale, kept);
    let second = f32x4.mul(f32x4.splat(rho), v128.and(v128.load(v + at), kept));
    second = Simd.multiplyAdd(f32x4.mul(f32x4.splat(rest), gradient), gradient, second);
    v128.store(v + at, second);
    const root = f32x4.sqrt(f32x4.add(second, f32x4.splat(epsilon)));
    let move = f32x4.div(f32x4.mul(f32x4.splat(step), gradient), root);
    if (m) {
      move = Simd.multiplyAdd(f32x4.splat(momentum), v128.and(v128.load(m + at), kept), move);
      v128.store(m + at, move);
    }
    v128.store(w + at, v128.and(f32x4.sub(weight, move), kept));
  }
}
