import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { writeVarint } from '../../extension/formats/protobuf/varint.ts';
import { crc32c, masked } from '../../extension/formats/savedModel/crc32c.ts';
import { field } from './protobuf.ts';
import { randomFloats, seeded } from './random.ts';

/** An entry of a sorted table; of its key the first `shared` bytes are those of the one before. */
export interface TableEntryParts {
  readonly key: string;
  readonly value: Uint8Array;
  readonly shared?: number;
}

/** A block of a sorted table with its trailer (LevelDB, doc/table_format.md). */
export function tableBlock(entries: readonly TableEntryParts[]): Buffer {
  const restarts = Buffer.alloc(8);
  restarts.writeUInt32LE(1, 4);
  const contents = Buffer.concat([
    ...entries.flatMap(({ key, value, shared = 0 }) => {
      const own = Buffer.from(key);
      return [writeVarint(shared), writeVarint(own.length), writeVarint(value.length), own, value];
    }),
    restarts,
    Buffer.from([0]),
  ]);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32LE(masked(crc32c(contents)));
  return Buffer.concat([contents, checksum]);
}

/** Where a block lies that is `length` bytes long with its trailer. */
export function blockHandle(at: number, length: number): Buffer {
  return Buffer.concat([writeVarint(at), writeVarint(length - 5)]);
}

/** A table of these blocks: an index of them, and the footer. */
export function sortedTable(blocks: readonly Buffer[], handles?: readonly Buffer[]): Buffer {
  let at = 0;
  const own = blocks.map((block) => {
    at += block.length;
    return blockHandle(at - block.length, block.length);
  });
  const meta = tableBlock([]);
  const index = tableBlock((handles ?? own).map((value, i) => ({ key: `z${i}`, value })));
  const footer = Buffer.alloc(48);
  Buffer.concat([blockHandle(at, meta.length), blockHandle(at + meta.length, index.length)]).copy(footer);
  footer.writeBigUInt64LE(0xdb4775248b80fb57n, 40);
  return Buffer.concat([...blocks, meta, index, footer]);
}

/** The first entry of a checkpoint's index. */
export function bundleHeader(shards = 1): TableEntryParts {
  return { key: '', value: field(1, shards) };
}

export interface BundleEntryParts {
  readonly shape?: readonly number[];
  /** DataType: 1 float32, 7 string. */
  readonly dtype?: number;
  readonly shard?: number;
  readonly offset: number;
  readonly length: number;
  readonly checksum?: number;
}

/** BundleEntryProto (tensor_bundle.proto). */
export function bundleEntry({
  shape = [],
  dtype = 1,
  shard = 0,
  offset,
  length,
  checksum = 0,
}: BundleEntryParts): Buffer {
  const crc = Buffer.alloc(5);
  crc[0] = 8 * 6 + 5;
  crc.writeUInt32LE(checksum, 1);
  const dims = shape.map((n) => field(2, field(1, n)));
  return Buffer.concat([
    field(1, dtype),
    field(2, Buffer.concat(dims)),
    field(3, shard),
    field(4, offset),
    field(5, length),
    crc,
  ]);
}

/** An object of TrackableObjectGraph: what it holds by name, and the variable that it is. */
export function graphObject(
  children: Readonly<Record<string, number>>,
  variable?: { own: string; key: string },
): Buffer {
  const held = Object.entries(children).map(([name, id]) =>
    field(1, Buffer.concat([field(1, id), field(2, name)])),
  );
  const own =
    variable &&
    field(2, Buffer.concat([field(1, 'VARIABLE_VALUE'), field(2, variable.own), field(3, variable.key)]));
  return field(1, Buffer.concat([...held, ...(own ? [own] : [])]));
}

export const objectGraphKey = '_CHECKPOINTABLE_OBJECT_GRAPH';
const shapes: Readonly<Record<string, readonly number[]>> = {
  kernel: [3, 16],
  recurrent_kernel: [4, 16],
  bias: [16],
};

/** A checkpoint's files by their names below the model's folder. */
export interface SavedModelParts {
  readonly 'saved_model.pb': Buffer;
  readonly 'variables/variables.index': Buffer;
  readonly 'variables/variables.data-00000-of-00001': Buffer;
}

/** A version, and a graph without nodes. */
export const mainFile = Buffer.concat([field(1, 1), field(2, field(2, Buffer.alloc(0)))]);

/** A SavedModel of an LSTM of 4 units over 3 features. */
export function smallSavedModel(
  graphOf: (keys: readonly string[]) => Buffer = namedObjects,
): SavedModelParts {
  const keys = Object.keys(shapes).map((name) => `layers/0/${name}/.ATTRIBUTES/VARIABLE_VALUE`);
  const graph = graphOf(keys);
  const length = Buffer.from(writeVarint(graph.length));
  const text = Buffer.concat([length, Buffer.alloc(4), graph]);
  const entries: TableEntryParts[] = [];
  const data: Buffer[] = [];
  let offset = 0;
  const add = (key: string, bytes: Buffer, entry: Pick<BundleEntryParts, 'shape' | 'dtype'>) => {
    const checksum = masked(crc32c(bytes));
    entries.push({ key, value: bundleEntry({ ...entry, offset, length: bytes.length, checksum }) });
    data.push(bytes);
    offset += bytes.length;
  };
  add(objectGraphKey, text, { dtype: 7 });
  for (const [i, shape] of Object.values(shapes).entries()) {
    const count = shape.reduce((product, n) => product * n, 1);
    add(keys[i], Buffer.from(randomFloats(count, seeded(i + 1)).buffer), { shape });
  }
  return {
    'saved_model.pb': mainFile,
    'variables/variables.index': sortedTable([tableBlock([bundleHeader(), ...entries])]),
    'variables/variables.data-00000-of-00001': Buffer.concat(data),
  };
}

/** Objects that lead to each variable, which knows its own name. */
export function namedObjects(keys: readonly string[]): Buffer {
  const names = Object.keys(shapes);
  return Buffer.concat([
    graphObject({ layers: 1 }),
    graphObject({ 0: 2 }),
    graphObject(Object.fromEntries(names.map((name, i) => [name, 3 + i]))),
    ...names.map((name, i) => graphObject({}, { own: `lstm/lstm_cell/${name}`, key: keys[i] })),
  ]);
}

/** Writes the files of a model into a folder; gives the main one. */
export function writeSavedModel(folder: string, files: Readonly<Record<string, Buffer>>): string {
  for (const [name, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), bytes);
  }
  return join(folder, 'saved_model.pb');
}
