import { sizeOf } from '../model/parameter.ts';
import type { ByteStream } from './byteStream.ts';

/** The header of a .npy array, versions 1 to 3 (NumPy Enhancement Proposal 1 and numpy.lib.format). */
export interface NpyHeader {
  /** NumPy's type string, such as `<f4`; a structured type as it is written. */
  readonly descr: string;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
  /** Bytes before the values. */
  readonly bytes: number;
}

/** Why a header could not be read. */
export type NpyFault = 'reasonNoNpy' | 'reasonNpyHeader';

const magic = Buffer.from('\x93NUMPY', 'latin1');
/** Longer headers belong to structured types, which are refused anyway. */
const longestHeader = 2 ** 20;

/** Reads the header off the stream, leaving it at the first value. */
export async function readNpyHeader(stream: ByteStream): Promise<NpyHeader | NpyFault> {
  const start = Buffer.alloc(8);
  if ((await stream.fill(start)) < start.length || !start.subarray(0, 6).equals(magic)) return 'reasonNoNpy';
  const version = start[6];
  if (version < 1 || version > 3) return 'reasonNpyHeader';
  // Version 1 counts the header in two bytes, later ones in four; version 3 writes UTF-8 instead of Latin-1.
  const length = Buffer.alloc(version === 1 ? 2 : 4);
  if ((await stream.fill(length)) < length.length) return 'reasonNpyHeader';
  const text = Buffer.alloc(Math.min(length.readUIntLE(0, length.length), longestHeader));
  if ((await stream.fill(text)) < text.length) return 'reasonNpyHeader';
  const fields = parseFields(text.toString(version === 3 ? 'utf8' : 'latin1'));
  return fields ? { ...fields, bytes: start.length + length.length + text.length } : 'reasonNpyHeader';
}

/** A Python dictionary: {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), } */
function parseFields(text: string): Omit<NpyHeader, 'bytes'> | undefined {
  const descr = /['"]descr['"]\s*:\s*(?:['"]([^'"]*)['"]|(\[.*\]))/s.exec(text);
  const order = /['"]fortran_order['"]\s*:\s*(True|False)/.exec(text);
  // Python 2 wrote long integers as 3L.
  const shape = /['"]shape['"]\s*:\s*\(((?:\s*\d+L?\s*,?)*)\s*\)/.exec(text);
  if (!descr || !order || !shape) return undefined;
  return {
    descr: descr[1] ?? descr[2],
    fortranOrder: order[1] === 'True',
    shape: (shape[1].match(/\d+/g) ?? []).map(Number),
  };
}

/** Number of values; not a safe integer where the header asks for the impossible. */
export function valuesIn(header: NpyHeader): number {
  return sizeOf(header.shape);
}
