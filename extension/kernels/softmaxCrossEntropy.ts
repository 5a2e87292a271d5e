import { Exponential } from './exponential';
import { Share } from './share';
import { Simd } from './simd';

/*
 * Softmax cross-entropy from logits z [rows, width]. Of each row r that counts, with top = max z:
 * statistics [rows, 3] of float64 take Σ e^(z − top), Σ y and Σ y (top − z) over the classes with y ≠ 0; the loss of the
 * row is Σy · ln Σe + Σ y (top − z), which JavaScript adds up in float64.
 * The gradient of the mean is (Σy · softmax(z) − y) · scale; 0 in rows that do not count.
 */

/**
 * @param counts [rows] bytes, 0 = the row does not count
 * @param targets class indices [rows] as int32 where `sparse`, else y [rows, width]
 * @param gradient takes [rows, width]; 0 = not wanted
 * @param scale 1 / rows that count
 */
export function softmaxCrossEntropy(
  z: usize,
  rows: i32,
  width: i32,
  counts: usize,
  targets: usize,
  sparse: bool,
  statistics: usize,
  gradient: usize,
  scale: f32,
  thread: i32,
  threads: i32,
): void {
  const line = (<usize>width) << 2;
  const to = Share.to(rows, 1, thread, threads);
  for (let r = Share.from(rows, 1, thread, threads); r < to; r++) {
    const row = z + <usize>r * line;
    const into: usize = gradient === 0 ? 0 : gradient + <usize>r * line;
    if (load<u8>(counts + r) === 0) {
      if (into) memory.fill(into, 0, line);
      continue;
    }
    const facts = statistics + <usize>r * 24;
    const top = largest(row, width);
    const sum = sumOfExponentials(row, width, top, into);
    let total: f64 = 1;
    let below: f64 = 0;
    if (sparse) {
      const label = (<usize>load<i32>(targets + ((<usize>r) << 2))) << 2;
      below = <f64>top - load<f32>(row + label);
      if (into) {
        // From the sum itself: where the class is all but certain, 1 − p has no digits left.
        const own: f64 = load<f32>(into + label);
        scaleRow(into, width, <f32>(scale / sum));
        store<f32>(into + label, <f32>(((own - sum) / sum) * scale));
      }
    } else {
      const y = targets + <usize>r * line;
      total = 0;
      for (let c: usize = 0; c < line; c += 4) {
        const share = load<f32>(y + c);
        if (share === 0) continue;
        total += share;
        below += <f64>share * (<f64>top - load<f32>(row + c));
      }
      if (into) {
        scaleRow(into, width, <f32>((total * scale) / sum));
        for (let c: usize = 0; c < line; c += 4) {
          store<f32>(into + c, load<f32>(into + c) - load<f32>(y + c) * scale);
        }
      }
    }
    store<f64>(facts, sum);
    store<f64>(facts, total, 8);
    store<f64>(facts, below, 16);
  }
}

/** Skips NaN, which the exponentials show. */
function largest(row: usize, width: i32): f32 {
  let top: f32 = -Infinity;
  let c = 0;
  if (width >= 8) {
    let tops = v128.load(row);
    let others = v128.load(row, 16);
    for (c = 8; c + 8 <= width; c += 8) {
      const p = row + ((<usize>c) << 2);
      tops = f32x4.pmax(tops, v128.load(p));
      others = f32x4.pmax(others, v128.load(p, 16));
    }
    tops = f32x4.pmax(tops, others);
    top = max(
      max(f32x4.extract_lane(tops, 0), f32x4.extract_lane(tops, 1)),
      max(f32x4.extract_lane(tops, 2), f32x4.extract_lane(tops, 3)),
    );
  }
  for (; c < width; c++) top = max(top, load<f32>(row + ((<usize>c) << 2)));
  return top;
}

class Pairs {
  /** sum + the four lanes, in float64. */
  @inline
  static add(sum: v128, lanes: v128): v128 {
    const high = v128.shuffle<f32>(lanes, lanes, 2, 3, 2, 3);
    return f64x2.add(sum, f64x2.add(f64x2.promote_low_f32x4(lanes), f64x2.promote_low_f32x4(high)));
  }
}

/** Σ e^(z − top), in float64; the exponentials go to `into` unless that is 0. */
function sumOfExponentials(row: usize, width: i32, top: f32, into: usize): f64 {
  const tops = f32x4.splat(top);
  let sum = f64x2.splat(0);
  let c = 0;
  for (; c + 8 <= width; c += 8) {
    const at = (<usize>c) << 2;
    const e = Exponential.ofNegative(f32x4.sub(v128.load(row + at), tops));
    const f = Exponential.ofNegative(f32x4.sub(v128.load(row + at, 16), tops));
    if (into) {
      v128.store(into + at, e);
      v128.store(into + at, f, 16);
    }
    sum = Pairs.add(Pairs.add(sum, e), f);
  }
  for (; c < width; c += 4) {
    const at = (<usize>c) << 2;
    const left = width - c;
    const e = Exponential.ofNegative(f32x4.sub(Simd.loadPart(row + at, left), tops));
    if (into) Simd.storePart(into + at, e, left);
    sum = Pairs.add(sum, left < 4 ? v128.and(e, Simd.firstLanes(left)) : e);
  }
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

function scaleRow(row: usize, width: i32, factor: f32): void {
  const factors = f32x4.splat(factor);
  let c = 0;
  for (; c + 4 <= width; c += 4) {
    const p = row + ((<usize>c) << 2);
    v128.store(p, f32x4.mul(v128.load(p), factors));
  }
  if (c < width) {
    const p = row + ((<usize>c) << 2);
    Simd.storePart(p, f32x4.mul(Simd.loadPart(p, width - c), factors), width - c);
  }
}
