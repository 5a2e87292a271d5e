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
/** NumPy 2 has up to 64, earlier versions 32. */
const mostAxes = 64;

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
  const descr = formBehind(text, 'descr', /^(?:['"]([^'"]*)['"]|(\[.*\]))/s);
  const order = formBehind(text, 'fortran_order', /^(True|False)/);
  const shape = parseShape(formBehind(text, 'shape', /^\(([\d\sL,]*)\)/)?.[1]);
  if (!descr || !order || !shape) return undefined;
  return { descr: descr[1] ?? descr[2], fortranOrder: order[1] === 'True', shape };
}

/** What stands behind the first `key`; each character is looked at a bounded number of times, whatever the file holds. */
function formBehind(text: string, key: string, form: RegExp): RegExpExecArray | null {
  const found = new RegExp(`['"]${key}['"]\\s*:\\s*`).exec(text);
  return found && form.exec(text.slice(found.index + found[0].length));
}

/** `3, 4`, `3,` or nothing; Python 2 wrote long integers as 3L. */
function parseShape(text: string | undefined): number[] | undefined {
  if (text === undefined) return undefined;
  const axes = text.split(',').map((axis) => axis.trim());
  if (axes.at(-1) === '') axes.pop();
  const valid = axes.length <= mostAxes && axes.every((axis) => /^\d{1,16}L?$/.test(axis));
  return valid ? axes.map((axis) => Number.parseInt(axis, 10)) : undefined;
}

/** Number of values; not a safe integer where the header asks for the impossible. */
export function valuesIn(header: NpyHeader): number {
  return sizeOf(header.shape);
}
