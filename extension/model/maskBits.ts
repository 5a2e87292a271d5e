/** A mask as bits, eight to a byte: the first is the lowest bit of the first byte. */
export function packMask(mask: Uint8Array): Uint8Array {
  const bits = new Uint8Array(packedBytes(mask.length));
  for (let i = 0; i < mask.length; i++) bits[i >> 3] |= (mask[i] & 1) << (i & 7);
  return bits;
}

/** The reverse: one byte a value. */
export function unpackMask(bits: Uint8Array, length: number): Uint8Array {
  const mask = new Uint8Array(length);
  for (let i = 0; i < length; i++) mask[i] = (bits[i >> 3] >> (i & 7)) & 1;
  return mask;
}

export function packedBytes(length: number): number {
  return Math.ceil(length / 8);
}
