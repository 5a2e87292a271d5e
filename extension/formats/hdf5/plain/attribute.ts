import { sizeOf } from '../../../model/parameter.ts';
import { type Datatype, datatypeClass, readDataspace, readDatatype } from './datatype.ts';
import type { GlobalHeap } from './globalHeap.ts';
import { Damage, Unfamiliar } from './unfamiliar.ts';

const mostValues = 2 ** 20;

/** Name and value of an attribute message: text, a number, or a list of either (HDF5 file format specification, IV.A.2.m). */
export async function readAttribute(
  body: Buffer,
  heap: GlobalHeap,
): Promise<readonly [name: string, value: unknown]> {
  const version = body[0];
  if (version < 1 || version > 3 || (version > 1 && body[1] !== 0)) throw new Unfamiliar('a shared type');
  const sizes = [2, 4, 6].map((at) => body.readUInt16LE(at));
  let at = version === 3 ? 9 : 8;
  const [name, datatype, dataspace] = sizes.map((size) => {
    const part = body.subarray(at, at + size);
    if (part.length < size) throw new Damage('a short attribute');
    at += version === 1 ? Math.ceil(size / 8) * 8 : size;
    return part;
  });
  const type = readDatatype(datatype);
  const shape = readDataspace(dataspace);
  if (shape.length > 1 || sizeOf(shape) > mostValues) throw new Unfamiliar('a table');
  const data = body.subarray(at, at + sizeOf(shape) * type.size);
  if (data.length < sizeOf(shape) * type.size) throw new Damage('a short attribute');
  return [textIn(name), await decoded(data, type, shape, heap)];
}

async function decoded(
  data: Buffer,
  type: Datatype,
  shape: readonly number[],
  heap: GlobalHeap,
): Promise<unknown> {
  const count = sizeOf(shape);
  const at = (i: number) => data.subarray(i * type.size, (i + 1) * type.size);
  if (type.text) {
    const texts: string[] = [];
    for (let i = 0; i < count; i++)
      texts.push(textIn(type.text === 'fixed' ? at(i) : await heap.object(at(i))));
    return shape.length === 0 ? texts[0] : texts;
  }
  const numbers = Array.from({ length: count }, (_, i) => numberIn(at(i), type));
  return shape.length === 0 ? numbers[0] : numbers;
}

/** Text ends where a zero stands. */
function textIn(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end === -1 ? bytes.length : end);
}

function numberIn(bytes: Buffer, { class: kind, size, signed }: Datatype): number {
  if (kind === datatypeClass.float && size === 4) return bytes.readFloatLE();
  if (kind === datatypeClass.float && size === 8) return bytes.readDoubleLE();
  if (kind !== datatypeClass.integer) throw new Unfamiliar('an attribute of another type');
  if (size > 4) return Number(signed ? bytes.readBigInt64LE() : bytes.readBigUInt64LE());
  return signed ? bytes.readIntLE(0, size) : bytes.readUIntLE(0, size);
}
