/** What the plain reader does not know: the library is asked then. */
export class Unfamiliar extends Error {}

/**
 * What cannot be in a sound file. The library is not asked: it believes in lengths that are no more than noise, and takes gigabytes for
 * them.
 */
export class Damage extends Error {}

/** The address that stands for none (HDF5 file format specification, I.A). */
const undefinedAddress = 0xffff_ffff_ffff_ffffn;

/** An address or a size; undefined where it says that there is none. */
export function optionalOffset(bytes: Buffer, at: number): number | undefined {
  const value = bytes.readBigUInt64LE(at);
  if (value === undefinedAddress) return undefined;
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new Damage('beyond any file');
  return Number(value);
}

export function offset(bytes: Buffer, at: number): number {
  const value = optionalOffset(bytes, at);
  if (value === undefined) throw new Damage('no address');
  return value;
}

export function expectSignature(bytes: Buffer, signature: string): void {
  if (bytes.toString('latin1', 0, signature.length) !== signature) throw new Damage(`no ${signature}`);
}
