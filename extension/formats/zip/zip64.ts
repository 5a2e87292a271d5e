/** Sizes and offsets from here on need the zip64 fields. */
export const limit32 = 0xffffffff;

/** The extra field of id 1: the 64-bit values of the fields that are 0xffffffff (PKWARE APPNOTE 6.3.10, section 4.5.3). */
export function zip64Extra(values: readonly number[]): Buffer {
  const extra = Buffer.alloc(4 + 8 * values.length);
  extra.writeUInt16LE(1, 0);
  extra.writeUInt16LE(8 * values.length, 2);
  for (const [i, value] of values.entries()) extra.writeBigUInt64LE(BigInt(value), 4 + 8 * i);
  return extra;
}
