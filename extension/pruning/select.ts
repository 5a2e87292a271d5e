/**
 * Marks the `count` lowest scores with 0 and the others with 1. Of equal scores the one with the lower index goes first. Linear time and no
 * sorting: two histograms over 16 bits each of the floats' bits find the score at which to stop.
 * @param scores no NaN; infinite ones go first or last
 */
export function keepMask(scores: Float32Array, count: number): Uint8Array {
  const mask = new Uint8Array(scores.length);
  if (count <= 0) return mask.fill(1);
  if (count >= scores.length) return mask;
  const bits = new Int32Array(scores.buffer, scores.byteOffset, scores.length);
  const upper = rankBin(upperHalves(bits), count);
  const lower = rankBin(lowerHalves(bits, upper.bin - 0x8000), count - upper.before);
  const limit = (upper.bin - 0x8000) * 0x10000 + lower.bin;
  let ties = count - upper.before - lower.before;
  for (let i = 0; i < bits.length; i++) {
    const key = orderedKey(bits[i]);
    // No branch on what is as good as random: a wrong guess of the processor costs more than all the rest.
    if (key === limit) mask[i] = ties-- > 0 ? 0 : 1;
    else mask[i] = Number(key > limit);
  }
  return mask;
}

/** A float's bits, sign and magnitude, as a whole number of the same order; −0 and 0 are 0. */
function orderedKey(bits: number): number {
  const sign = bits >> 31;
  return ((bits & 0x7fffffff) ^ sign) - sign;
}

/** How many keys have each upper half, from −2¹⁵ on. */
function upperHalves(bits: Int32Array): Uint32Array {
  const counts = new Uint32Array(0x10000);
  for (let i = 0; i < bits.length; i++) counts[(orderedKey(bits[i]) >> 16) + 0x8000]++;
  return counts;
}

/** How many of the keys with this upper half have each lower half. */
function lowerHalves(bits: Int32Array, upper: number): Uint32Array {
  const counts = new Uint32Array(0x10000);
  for (let i = 0; i < bits.length; i++) {
    const key = orderedKey(bits[i]);
    if (key >> 16 === upper) counts[key & 0xffff]++;
  }
  return counts;
}

/** The bin in which the `rank`-th of all that is counted lies, and how much lies in the bins before it. */
function rankBin(counts: Uint32Array, rank: number): { bin: number; before: number } {
  let before = 0;
  for (let bin = 0; ; bin++) {
    if (before + counts[bin] >= rank) return { bin, before };
    before += counts[bin];
  }
}

/** Rounds halves to the even neighbour, as Python's round and so torch.nn.utils.prune do. */
export function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  const fraction = value - floor;
  if (fraction !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
