/**
 * Seeded random numbers: xoshiro128** 1.1 (Blackman and Vigna, "Scrambled Linear Pseudorandom Number Generators", ACM
 * TOMS 47, 2021), whose state comes from the seed through a Weyl sequence and the finalizer of MurmurHash3. The same seed
 * gives the same numbers on every machine.
 */
export class Random {
  readonly #state: Uint32Array;
  #spareNormal: number | undefined;

  /** Only the seed's lower 32 bits count. */
  constructor(seed: number) {
    this.#state = Uint32Array.from({ length: 4 }, (_, i) => finalize(seed + Math.imul(0x9e3779b9, i + 1)));
  }

  /** A generator at a given state, four words that are not all 0. */
  static fromState(words: readonly number[]): Random {
    const random = new Random(0);
    random.#state.set(words);
    return random;
  }

  /** A whole number from 0 to 2³² − 1. */
  next(): number {
    const s = this.#state;
    const result = Math.imul(rotateLeft(Math.imul(s[1], 5), 7), 9) >>> 0;
    const shifted = s[1] << 9;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = rotateLeft(s[3], 11);
    return result;
  }

  /** Uniform in [0, 1), a multiple of 2⁻³². */
  uniform(): number {
    return this.next() / 2 ** 32;
  }

  /** Standard normal (Box and Muller, 1958); one of each pair waits for the next call. */
  normal(): number {
    const spare = this.#spareNormal;
    this.#spareNormal = undefined;
    if (spare !== undefined) return spare;
    // Never 0, whose logarithm is infinite.
    const radius = Math.sqrt(-2 * Math.log((this.next() + 0.5) / 2 ** 32));
    const angle = 2 * Math.PI * this.uniform();
    this.#spareNormal = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  /** A whole number from 0 to `bound` − 1, each as likely; `bound` up to 2³². */
  below(bound: number): number {
    // Numbers beyond the last whole multiple of the bound would favour the small ones.
    const limit = 2 ** 32 - (2 ** 32 % bound);
    for (;;) {
      const value = this.next();
      if (value < limit) return value % bound;
    }
  }
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

function finalize(word: number): number {
  let mixed = word;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
