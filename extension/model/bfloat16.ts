/** The upper half of a float32 by its bits, rounded to the nearest, the even one of two as near; NaN stays NaN. */
export function bfloat16Bits(float32Bits: number): number {
  const upper = float32Bits >>> 16;
  const notANumber = (float32Bits & 0x7fffffff) > 0x7f800000;
  // A NaN whose fraction lies in the lower half alone must not become infinity.
  if (notANumber) return upper | 0x40;
  return (float32Bits + 0x7fff + (upper & 1)) >>> 16;
}
