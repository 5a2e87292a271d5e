/** Seeded numbers in [0, 1): mulberry32 (Tommy Ettinger), the same on every machine. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** `count` float32 values between −1 and 1. */
export function randomFloats(count: number, next: () => number): Float32Array {
  return Float32Array.from({ length: count }, () => 2 * next() - 1);
}

/** A whole number from 0 to `end` − 1. */
export function wholeBelow(end: number, next: () => number): number {
  return Math.floor(next() * end);
}

export function randomBytes(count: number, next: () => number): Buffer {
  return Buffer.from(Array.from({ length: count }, () => wholeBelow(256, next)));
}
