import { Simd } from './simd';

/*
 * Between tensors [B][T][R] and panels [T][P][R][W] in the order of computation, which is that of the tensor's steps or the
 * reverse. The steps are shared among the threads.
 */

/**
 * Samples that are not there become 0, and so do masked steps: what stands there may be NaN.
 * @param mask bits [T][P][W]; 0: none
 * @param dropout factors [P][R][W]; 0: none
 */
export function toPanels(
  x: usize,
  batch: i32,
  steps: i32,
  rows: i32,
  width: i32,
  panels: i32,
  reverse: bool,
  mask: usize,
  dropout: usize,
  out: usize,
  thread: i32,
  threads: i32,
): void {
  const wide = (<usize>width) << 2;
  const line = (<usize>rows) << 2;
  const sample = <usize>steps * line;
  const panel = <usize>rows * wide;
  const end = (steps * (thread + 1)) / threads;
  for (let s = (steps * thread) / threads; s < end; s++) {
    const from = x + <usize>(reverse ? steps - 1 - s : s) * line;
    const to = out + <usize>s * <usize>panels * panel;
    const bits = mask ? mask + <usize>s * <usize>panels * wide : 0;
    if (width === 1) {
      if (bits && !load<i32>(bits)) memory.fill(to, 0, line);
      else if (dropout)
        for (let r: usize = 0; r < line; r += 4)
          store<f32>(to + r, load<f32>(from + r) * load<f32>(dropout + r));
      else memory.copy(to, from, line);
      continue;
    }
    for (let b = 0; b < panels * width; b += 4) {
      const p = b / width;
      const at = <usize>p * panel + ((<usize>(b - p * width)) << 2);
      const real = bits ? v128.load(bits + ((<usize>b) << 2)) : i32x4.splat(-1);
      const source = from + <usize>b * sample;
      for (let r = 0; r < rows; r += 4) {
        const place = at + <usize>r * wide;
        Panel.gather(
          source + ((<usize>r) << 2),
          sample,
          batch - b,
          rows - r,
          to + place,
          wide,
          real,
          dropout ? dropout + place : 0,
        );
      }
    }
  }
}

/** @param mask bits [T][P][W]: 0 is put out where they are 0; 0: none */
export function fromPanels(
  from: usize,
  batch: i32,
  steps: i32,
  rows: i32,
  width: i32,
  panels: i32,
  reverse: bool,
  mask: usize,
  y: usize,
  thread: i32,
  threads: i32,
): void {
  const wide = (<usize>width) << 2;
  const line = (<usize>rows) << 2;
  const sample = <usize>steps * line;
  const panel = <usize>rows * wide;
  const end = (steps * (thread + 1)) / threads;
  for (let s = (steps * thread) / threads; s < end; s++) {
    const source = from + <usize>s * <usize>panels * panel;
    const to = y + <usize>(reverse ? steps - 1 - s : s) * line;
    const bits = mask ? mask + <usize>s * <usize>panels * wide : 0;
    if (width === 1) {
      if (bits && !load<i32>(bits)) memory.fill(to, 0, line);
      else memory.copy(to, source, line);
      continue;
    }
    for (let b = 0; b < batch; b += 4) {
      const p = b / width;
      const at = <usize>p * panel + ((<usize>(b - p * width)) << 2);
      const real = bits ? v128.load(bits + ((<usize>b) << 2)) : i32x4.splat(-1);
      const target = to + <usize>b * sample;
      for (let r = 0; r < rows; r += 4) {
        Panel.scatter(
          source + at + <usize>r * wide,
          wide,
          rows - r,
          target + ((<usize>r) << 2),
          sample,
          batch - b,
          real,
        );
      }
    }
  }
}

/** Blocks of 4 samples by 4 rows, or fewer where there are no more. */
class Panel {
  @inline
  static gather(
    source: usize,
    sample: usize,
    samples: i32,
    rows: i32,
    to: usize,
    wide: usize,
    real: v128,
    dropout: usize,
  ): void {
    const x0 = samples > 0 ? Simd.loadPart(source, rows) : Simd.zero();
    const x1 = samples > 1 ? Simd.loadPart(source + sample, rows) : Simd.zero();
    const x2 = samples > 2 ? Simd.loadPart(source + 2 * sample, rows) : Simd.zero();
    const x3 = samples > 3 ? Simd.loadPart(source + 3 * sample, rows) : Simd.zero();
    const a = v128.shuffle<f32>(x0, x1, 0, 4, 1, 5);
    const b = v128.shuffle<f32>(x2, x3, 0, 4, 1, 5);
    const c = v128.shuffle<f32>(x0, x1, 2, 6, 3, 7);
    const d = v128.shuffle<f32>(x2, x3, 2, 6, 3, 7);
    Panel.put(to, v128.and(v128.shuffle<i64>(a, b, 0, 2), real), dropout);
    if (rows > 1)
      Panel.put(to + wide, v128.and(v128.shuffle<i64>(a, b, 1, 3), real), dropout ? dropout + wide : 0);
    if (rows > 2)
      Panel.put(
        to + 2 * wide,
        v128.and(v128.shuffle<i64>(c, d, 0, 2), real),
        dropout ? dropout + 2 * wide : 0,
      );
    if (rows > 3)
      Panel.put(
        to + 3 * wide,
        v128.and(v128.shuffle<i64>(c, d, 1, 3), real),
        dropout ? dropout + 3 * wide : 0,
      );
  }

  @inline
  static put(to: usize, v: v128, dropout: usize): void {
    v128.store(to, dropout ? f32x4.mul(v, v128.load(dropout)) : v);
  }

  @inline
  static scatter(
    source: usize,
    wide: usize,
    rows: i32,
    to: usize,
    sample: usize,
    samples: i32,
    real: v128,
  ): void {
    const x0 = v128.and(v128.load(source), real);
    const x1 = rows > 1 ? v128.and(v128.load(source + wide), real) : x0;
    const x2 = rows > 2 ? v128.and(v128.load(source + 2 * wide), real) : x0;
    const x3 = rows > 3 ? v128.and(v128.load(source + 3 * wide), real) : x0;
    const a = v128.shuffle<f32>(x0, x1, 0, 4, 1, 5);
    const b = v128.shuffle<f32>(x2, x3, 0, 4, 1, 5);
    const c = v128.shuffle<f32>(x0, x1, 2, 6, 3, 7);
    const d = v128.shuffle<f32>(x2, x3, 2, 6, 3, 7);
    Simd.storePart(to, v128.shuffle<i64>(a, b, 0, 2), rows);
    if (samples > 1) Simd.storePart(to + sample, v128.shuffle<i64>(a, b, 1, 3), rows);
    if (samples > 2) Simd.storePart(to + 2 * sample, v128.shuffle<i64>(c, d, 0, 2), rows);
    if (samples > 3) Simd.storePart(to + 3 * sample, v128.shuffle<i64>(c, d, 1, 3), rows);
  }
}
