/** What a test writes into an array; NumPy's type string and any header it likes. */
export interface NpyContent {
  readonly descr: string;
  readonly shape: readonly number[];
  readonly values: ArrayBufferView | Buffer;
  readonly fortranOrder?: boolean;
  readonly version?: 1 | 2 | 3;
}

/** Bytes of a .npy file as NumPy writes it: magic, version, header padded to 64 bytes, values. */
export function npyBytes({ descr, shape, values, fortranOrder = false, version = 1 }: NpyContent): Buffer {
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const type = descr.startsWith('[') ? descr : `'${descr}'`;
  const order = fortranOrder ? 'True' : 'False';
  const fields = `{'descr': ${type}, 'fortran_order': ${order}, 'shape': (${sizes}), }`;
  const before = version === 1 ? 10 : 12;
  const header = `${fields}${' '.repeat(63 - ((before + fields.length) % 64))}\n`;
  const length = Buffer.alloc(before - 8);
  length.writeUIntLE(header.length, 0, length.length);
  const start = Buffer.concat([Buffer.from('\x93NUMPY', 'latin1'), Buffer.from([version, 0]), length]);
  const data = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  return Buffer.concat([start, Buffer.from(header), data]);
}

/** A little-endian float32 array. */
export function floats(shape: readonly number[], values: Iterable<number>): Buffer {
  return npyBytes({ descr: '<f4', shape, values: Float32Array.from(values) });
}

/** A little-endian int64 array, NumPy's default for whole numbers. */
export function integers(shape: readonly number[], values: readonly number[]): Buffer {
  return npyBytes({ descr: '<i8', shape, values: BigInt64Array.from(values.map(BigInt)) });
}
