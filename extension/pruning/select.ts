/**
 * Marks the `count` lowest scores with 0 and the others with 1. Of equal scores the one with the lower index goes first. Linear time and no
 * sorting: two histograms over 16 bits each of the floats' bits find the score at which to stop.
 * @param scores no NaN; infinite ones go first or last
 */
export function keepMask(scores: Float32Array, count: number): Uint8Array {
  const mask = new Uint8Array(scores.length).fill(1);
  if (count <= 0) return mask;
  if (count >= scores.length) return mask.fill(0);
  const bits = new Uint32Array(scores.buffer, scores.byteOffset, scores.length);
  const high = rankBin(bits, count, 16, () => true);
  const low = rankBin(bits, count - high.before, 0, (key) => key >>> 16 === high.bin);
  const limit = high.bin * 0x10000 + low.bin;
  let ties = count - high.before - low.before;
  for (let i = 0; i < bits.length; i++) {
    const key = orderedKey(bits[i]);
    if (key < limit || (key === limit && ties-- > 0)) mask[i] = 0;
  }
  return mask;
}

/** The bits of a float as an unsigned integer of the same order; −0 becomes 0. */
function orderedKey(bits: number): number {
  return bits > 0x80000000 ? ~bits >>> 0 : (bits | 0x80000000) >>> 0;
}

/** The bin of 16 bits in which the `count`-th lowest key lies, and how many keys lie in lower bins. */
function rankBin(
  bits: Uint32Array,
  count: number,
  shift: number,
  counted: (key: number) => boolean,
): { bin: number; before: number } {
  const histogram = new Uint32Array(0x10000);
  for (let i = 0; i < bits.length; i++) {
    const key = orderedKey(bits[i]);
    if (counted(key)) histogram[(key >>> shift) & 0xffff]++;
  }
  let before = 0;
  for (let bin = 0; ; bin++) {
    if (before + histogram[bin] >= count) return { bin, before };
    before += histogram[bin];
  }
}

/** Rounds halves to the even neighbour, as Python's round and so torch.nn.utils.prune do. */
export function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  const fraction = value - floor;
  if (fraction !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
