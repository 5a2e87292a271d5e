/**
 * Marks the `count` lowest scores with 0 and the others with 1. Of equal scores the one with the lower index goes first. Linear time and no
 * sorting: a histogram over the upper 16 bits of the floats tells all but those in one bin apart, and those a second one over their lower
 * bits.
 * @param scores no NaN; infinite ones go first or last
 */
export function keepMask(scores: Float32Array, count: number): Uint8Array {
  const mask = new Uint8Array(scores.length);
  if (count <= 0) return mask.fill(1);
  if (count >= scores.length) return mask;
  const bits = new Int32Array(scores.buffer, scores.byteOffset, scores.length);
  const counts = upperHalves(bits);
  const { bin, before } = rankBin(counts, count);
  const open = new Uint32Array(counts[bin]);
  const upper = bin - 0x8000;
  for (let i = 0, next = 0; i < bits.length; i++) {
    const own = orderedKey(bits[i]) >> 16;
    // No branch on what is as good as random: a wrong guess of the processor costs more than all the rest.
    mask[i] = Number(own > upper);
    if (own === upper) open[next++] = i;
  }
  keepOpen(bits, open, count - before, mask);
  return mask;
}

/** The same for the scores at these places, whose upper halves are equal, by their lower ones. */
function keepOpen(bits: Int32Array, places: Uint32Array, count: number, mask: Uint8Array): void {
  const counts = new Uint32Array(0x10000);
  for (let i = 0; i < places.length; i++) counts[orderedKey(bits[places[i]]) & 0xffff]++;
  const { bin: limit, before } = rankBin(counts, count);
  let ties = count - before;
  for (let i = 0; i < places.length; i++) {
    const lower = orderedKey(bits[places[i]]) & 0xffff;
    if (lower > limit || (lower === limit && ties-- <= 0)) mask[places[i]] = 1;
  }
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

/** The bin in which the `rank`-th of all that is counted lies, and how much lies in the bins before it. */
function rankBin(counts: Uint32Array, rank: number): { bin: number; before: number } {
  let before = 0;
  for (let bin = 0; ; bin++) {
    if (before + counts[bin] >= rank) return { bin, before };
    before += counts[bin];
  }
}
