/** A varint takes at most so many bytes. */
export const longestVarint = 10;

/** Where the last decoded varint ended: a second result without an object for each of millions of calls. */
let end = 0;

/** The byte behind the varint that `readVarint` gave last. */
export function varintEnd(): number {
  return end;
}

/**
 * The varint at `at` as a signed 64-bit integer (two's complement, as int64 and int32 are written); beyond 2^53 the nearest double.
 * NaN where the bytes end before, or it is longer than ten bytes.
 */
export function readVarint(bytes: Uint8Array, at: number): number {
  let low = 0;
  let high = 0;
  for (let i = 0; i < longestVarint; i++) {
    const byte = bytes[at + i];
    if (byte === undefined) return Number.NaN;
    const bits = byte & 0x7f;
    if (i < 4) low += bits * 2 ** (7 * i);
    else if (i === 4) {
      // Four of the seven bits complete the lower half.
      low += (bits & 0xf) * 2 ** 28;
      high = bits >> 4;
    } else high += (bits * 2 ** (7 * i - 32)) % 2 ** 32;
    if (byte < 0x80) {
      end = at + i + 1;
      return (high | 0) * 2 ** 32 + low;
    }
  }
  return Number.NaN;
}

/** The shortest varint of an integer below 2^53; a negative one takes ten bytes. */
export function writeVarint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  do {
    const more = rest > 0x7fn;
    bytes.push(Number(rest & 0x7fn) | (more ? 0x80 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return Uint8Array.from(bytes);
}
