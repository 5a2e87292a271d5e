import { rm } from 'node:fs/promises';
import { deflateSync } from 'node:zlib';
import type { Message } from '../../protocol/messages.ts';
import { UserError } from '../../protocol/userError.ts';
import { copyPlain } from '../copyPlain.ts';
import type { Scratch } from '../scratch.ts';
import { guard } from './file.ts';
import { type Library, loadLibrary, withBuffer, withoutTime } from './library.ts';

type Entity = ReturnType<InstanceType<Library['h5']['Group']>['get']>;
type Group = InstanceType<Library['h5']['Group']>;
type Dataset = InstanceType<Library['h5']['Dataset']>;
type Metadata = Dataset['metadata'];

const classOf = { integer: 0, float: 1, string: 3 } as const;
/** Bytes that the index of a chunked dataset takes (a B-tree node of 64 chunks), generously. */
const chunkIndex = 4096;
/** Datasets of more bytes are packed without a try. */
const alwaysPacked = 2 ** 20;
const level = 6;

/**
 * Rebuilds an HDF5 file with the datasets of numbers in chunks compressed by gzip, the filter that every HDF5 library
 * has. Groups, datasets and attributes keep their names, types and values; HDF5 cannot compress a dataset in place.
 * Throws compressUnsupported, naming what the rebuilt file could not hold.
 */
export async function writeCompressed(from: string, to: string, options: CompressOptions): Promise<void> {
  // The library cannot tell a full disk from damage, so it works apart and the result is copied.
  const rebuilt = options.scratch.file('rebuilt.h5');
  await rebuild(from, rebuilt, options);
  await copyPlain(rebuilt, to);
  await rm(rebuilt);
}

export interface CompressOptions {
  /** Names the file in messages. */
  readonly shownAs: string;
  readonly scratch: Scratch;
  /** Called between datasets; throws to stop. */
  readonly step: (() => Promise<void>) | undefined;
}

async function rebuild(from: string, to: string, options: CompressOptions): Promise<void> {
  const { shownAs } = options;
  const library = await loadLibrary();
  const source = guard(shownAs, () => new library.h5.File(from, 'r'));
  try {
    const target = timeless(shownAs, () => new library.h5.File(to, 'w'));
    try {
      await copyGroup(source, target, { ...options, library });
    } finally {
      timeless(shownAs, () => target.close());
    }
  } finally {
    source.close();
  }
}

/** Does something with the rebuilt file, which is the same bytes whenever it is written. */
function timeless<T>(shownAs: string, action: () => T): T {
  return guard(shownAs, () => withoutTime(action));
}

interface Copying extends CompressOptions {
  readonly library: Library;
}

async function copyGroup(from: Group, to: Group, copying: Copying): Promise<void> {
  const { library, shownAs, step } = copying;
  timeless(shownAs, () => copyAttributes(from, to, copying));
  const { Group, Dataset } = library.h5;
  for (const name of guard(shownAs, () => from.keys())) {
    await step?.();
    const member: Entity = guard(shownAs, () => from.get(name));
    if (member instanceof Group) {
      const group = timeless(shownAs, () => to.create_group(name));
      await copyGroup(member, group, copying);
    } else if (member instanceof Dataset) timeless(shownAs, () => copyDataset(member, to, name, copying));
    else throw unsupported(copying, name, { code: 'typeLink', args: {} });
  }
}

function copyDataset(from: Dataset, to: Group, name: string, copying: Copying): void {
  const { metadata } = from;
  const { library } = copying;
  const path = to.path === '/' ? `/${name}` : `${to.path}/${name}`;
  if (metadata.type === classOf.string) {
    to.create_dataset({
      name,
      data: from.value as string[],
      shape: metadata.shape,
      dtype: stringType(metadata),
    });
  } else {
    if (!copyable(metadata)) throw unsupported(copying, from.path, String(from.dtype));
    const bytes = metadata.size * metadata.total_size;
    withBuffer(library.raw, bytes, (pointer) => {
      library.raw.get_dataset_data(from.file_id, from.path, null, null, null, BigInt(pointer));
      const chunked = packsWell(library.raw.HEAPU8.subarray(pointer, pointer + bytes));
      library.raw.create_dataset(to.file_id, path, BigInt(pointer), {
        ...written(metadata),
        chunks: chunked ? (metadata.chunks ?? metadata.shape)?.map(BigInt) : null,
        compression: chunked ? 1 : 0,
        compression_opts: chunked ? [level] : [],
      });
    });
  }
  copyAttributes(from, to.get(name) as Dataset, copying);
}

/** Whether gzip saves more than the index of the chunks costs. */
function packsWell(bytes: Uint8Array): boolean {
  if (bytes.length <= chunkIndex) return false;
  return bytes.length > alwaysPacked || deflateSync(bytes, { level }).length + chunkIndex < bytes.length;
}

function copyAttributes(from: Group | Dataset, to: Group | Dataset, copying: Copying): void {
  const { raw } = copying.library;
  for (const [name, attribute] of Object.entries(from.attrs)) {
    const { metadata } = attribute;
    if (metadata.type === classOf.string) {
      to.create_attribute(name, attribute.value as string[], metadata.shape, stringType(metadata));
      continue;
    }
    if (!copyable(metadata)) throw unsupported(copying, `${from.path}@${name}`, String(attribute.dtype));
    withBuffer(raw, metadata.size * metadata.total_size, (pointer) => {
      raw.get_attribute_data(from.file_id, from.path, name, BigInt(pointer));
      raw.create_attribute(to.file_id, to.path, name, BigInt(pointer), written(metadata));
    });
  }
}

/** Types that the library can create anew exactly as they were: native integers, float32 and float64. */
function copyable({ type, size, littleEndian, shape }: Metadata): boolean {
  if (!littleEndian || !shape) return false;
  return type === classOf.integer || (type === classOf.float && (size === 4 || size === 8));
}

function written(metadata: Metadata): object {
  const shape = metadata.shape?.map(BigInt) ?? null;
  return { ...metadata, shape, maxshape: shape, chunks: null, track_order: false };
}

/** A is ASCII and S UTF-8; without a number the length varies. */
function stringType({ vlen, size, cset }: Metadata): string {
  return `${cset === 1 ? 'S' : 'A'}${vlen ? '' : size}`;
}

function unsupported({ shownAs }: Copying, path: string, type: string | Message): UserError {
  return new UserError(
    'compressUnsupported',
    { file: shownAs },
    { code: 'reasonTypeKept', args: { path, type } },
  );
}
