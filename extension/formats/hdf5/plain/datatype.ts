import { Unfamiliar } from './unfamiliar.ts';

/** Type of the elements of a dataset or an attribute; `class` and `size` as in the file (HDF5 file format specification, IV.A.2.d). */
export interface Datatype {
  readonly class: number;
  readonly size: number;
  readonly signed?: boolean;
  /** Of text: as many bytes as `size`, or each as long as it is, in the global heap. */
  readonly text?: 'fixed' | 'variable';
}

export const datatypeClass = { integer: 0, float: 1, text: 3, opaque: 5, variable: 9 } as const;

const bigEndian = 1;

/** IEEE floats: bits, place and size of the exponent, place and size of the mantissa, bias. */
const floats: Readonly<Record<number, readonly number[]>> = {
  2: [16, 10, 5, 0, 10, 15],
  4: [32, 23, 8, 0, 23, 127],
  8: [64, 52, 11, 0, 52, 1023],
};

export function readDatatype(body: Buffer): Datatype {
  const own = { class: body[0] & 15, size: body.readUInt32LE(4) };
  const bits = body.readUIntLE(1, 3);
  switch (own.class) {
    case datatypeClass.integer:
      if ((bits & bigEndian) !== 0 || body.readUInt16LE(8) !== 0 || body.readUInt16LE(10) !== 8 * own.size)
        throw new Unfamiliar('integers of other bits');
      return { ...own, signed: (bits & 8) !== 0 };
    case datatypeClass.float:
      if (!isIeee(own.size, bits, body)) throw new Unfamiliar('floats of other bits');
      return own;
    case datatypeClass.text:
      // Behind the end stand zeros, or at least one.
      if ((bits & 15) > 1 || own.size === 0) throw new Unfamiliar('text that is padded otherwise');
      return { ...own, text: 'fixed' };
    case datatypeClass.opaque:
      return own;
    case datatypeClass.variable:
      if ((bits & 15) !== 1 || own.size !== 16) throw new Unfamiliar('a list of any length');
      return { ...own, text: 'variable' };
    default:
      throw new Unfamiliar(`elements of class ${own.class}`);
  }
}

function isIeee(size: number, bits: number, body: Buffer): boolean {
  const expected = floats[size];
  if (!expected || (bits & (bigEndian | 64)) !== 0 || ((bits >> 8) & 255) !== 8 * size - 1) return false;
  const [precision, exponentAt, exponent, mantissaAt, mantissa, bias] = expected;
  const found = [body.readUInt16LE(10), body[12], body[13], body[14], body[15], body.readUInt32LE(16)];
  const wanted = [precision, exponentAt, exponent, mantissaAt, mantissa, bias];
  return body.readUInt16LE(8) === 0 && wanted.every((value, i) => value === found[i]);
}

/** Lengths of all axes, none of a single value. */
export function readDataspace(body: Buffer): number[] {
  const [version, rank] = body;
  const isSimple = version === 1 || (version === 2 && body[3] <= 1);
  if (!isSimple) throw new Unfamiliar('no simple dataspace');
  const at = version === 1 ? 8 : 4;
  return Array.from({ length: rank }, (_, axis) => {
    const length = Number(body.readBigUInt64LE(at + 8 * axis));
    if (!Number.isSafeInteger(length)) throw new Unfamiliar('an axis without an end');
    return length;
  });
}
