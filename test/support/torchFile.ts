import { called, global, type Pickled, persistent, pickle, type Special, tuple } from './pickle.ts';
import { type ZipContent, zipBytes } from './zip.ts';

export interface TensorText {
  /** The storage's name. */
  readonly storage: string;
  /** Elements of the storage. */
  readonly numel: number;
  readonly shape: readonly number[];
  /** Row-major where it is absent. */
  readonly stride?: readonly number[];
  readonly offset?: number;
  /** `FloatStorage` where it is absent. */
  readonly type?: string;
}

/** A tensor as PyTorch pickles it. */
export function tensor({
  storage,
  numel,
  shape,
  stride,
  offset = 0,
  type = 'FloatStorage',
}: TensorText): Special {
  return called(global('torch._utils', '_rebuild_tensor_v2'), [
    persistent(tuple('storage', global('torch', type), storage, 'cpu', numel)),
    offset,
    tuple(...shape),
    tuple(...(stride ?? rowMajor(shape))),
    false,
    called(global('collections', 'OrderedDict'), []),
  ]);
}

/** A weight of a module. */
export function parameter(data: Special, trained = true): Special {
  const hooks = called(global('collections', 'OrderedDict'), []);
  return called(global('torch._utils', '_rebuild_parameter'), [data, trained, hooks]);
}

function rowMajor(shape: readonly number[]): number[] {
  return shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
}

export interface TorchZip {
  readonly saved: Pickled;
  readonly storages: Readonly<Record<string, Buffer>>;
  readonly entries?: readonly ZipContent[];
}

/** A file as torch.save lays it out, but for the alignment. */
export function torchZip({ saved, storages, entries = [] }: TorchZip): Buffer {
  return zipBytes([
    { name: 'model/data.pkl', bytes: pickle(saved) },
    ...Object.entries(storages).map(([key, bytes]) => ({ name: `model/data/${key}`, bytes })),
    { name: 'model/version', bytes: Buffer.from('3\n') },
    ...entries,
  ]);
}

/** The format of PyTorch before 1.6. */
export function torchLegacy({ saved, storages }: TorchZip, littleEndian = true): Buffer {
  return Buffer.concat([
    pickle(0x1950a86a20f9469cfc6cn),
    pickle(1001),
    pickle(
      new Map<string, Pickled>([
        ['protocol_version', 1001],
        ['little_endian', littleEndian],
      ]),
    ),
    pickle(saved),
    pickle(Object.keys(storages)),
    ...Object.values(storages).flatMap((bytes) => {
      const count = Buffer.alloc(8);
      count.writeBigInt64LE(BigInt(bytes.length / 4));
      return [count, bytes];
    }),
  ]);
}

export function floats(...values: number[]): Buffer {
  return Buffer.from(Float32Array.from(values).buffer);
}
