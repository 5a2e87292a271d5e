import { rm } from 'node:fs/promises';
import { deflateSync } from 'node:zlib';
import { type KeptIndices, keepOf, keptShape } from '../../model/shrinking.ts';
import { copyPlain } from '../copyPlain.ts';
import type { Scratch } from '../scratch.ts';
import { guard } from './guard.ts';
import { type Library, openFile, withBuffer, withoutTime } from './library.ts';
import { openSound } from './openSound.ts';
import {
  attributePath,
  checkContents,
  classOf,
  type Dataset,
  type Group,
  isLeftOut,
  type LayoutChanges,
  type Metadata,
  pathIn,
  type RebuildPurpose,
} from './rebuildable.ts';

/** Bytes that the index of a chunked dataset takes (a B-tree node of 64 chunks), generously. */
const chunkIndex = 4096;
/** Datasets of more bytes are packed without a try. */
const alwaysPacked = 2 ** 20;
const level = 6;
/** HDF5's number of the filter. */
const gzip = 1;

export interface Rebuilding extends RebuildPurpose, LayoutChanges {
  readonly scratch: Scratch;
  /** Datasets of numbers go into chunks compressed by gzip, the filter that every HDF5 library has; else they stay stored as they are. */
  readonly compress: boolean;
  /** Called between datasets; throws to stop. */
  readonly step: (() => Promise<void>) | undefined;
}

/**
 * Rebuilds an HDF5 file whose datasets are to be stored in another way, become smaller or go, which HDF5 cannot do in place. All else of
 * its groups, datasets and attributes keeps names, types and values. Throws what `checkContents` throws.
 */
export async function writeRebuilt(from: string, to: string, options: Rebuilding): Promise<void> {
  // The library cannot tell a full disk from damage, so it works apart and the result is copied.
  const rebuilt = options.scratch.file('rebuilt.h5');
  await rebuild(from, rebuilt, options);
  await copyPlain(rebuilt, to);
  await rm(rebuilt);
}

async function rebuild(from: string, to: string, options: Rebuilding): Promise<void> {
  const { shownAs } = options;
  const { library, file: source } = await openSound(from, 'r', shownAs);
  try {
    guard(shownAs, () => checkContents(source, { ...options, library }));
    const target = timeless(shownAs, () => openFile(library, to, 'w'));
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

interface Copying extends Rebuilding {
  readonly library: Library;
}

async function copyGroup(from: Group, to: Group, copying: Copying): Promise<void> {
  const { library, shownAs, step } = copying;
  timeless(shownAs, () => copyAttributes(from, to, copying));
  const { Group } = library.h5;
  for (const name of guard(shownAs, () => from.keys())) {
    await step?.();
    const path = pathIn(from, name);
    const member = guard(shownAs, () => from.get(name));
    if (guard(shownAs, () => isLeftOut(member, path, copying))) continue;
    if (member instanceof Group) {
      const group = timeless(shownAs, () => to.create_group(copying.renamed?.get(path) ?? name));
      await copyGroup(member, group, copying);
    } else timeless(shownAs, () => copyDataset(member as Dataset, to, name, copying));
  }
}

function copyDataset(from: Dataset, to: Group, name: string, copying: Copying): void {
  const { metadata } = from;
  if (metadata.type === classOf.string) {
    to.create_dataset({
      name,
      data: from.value as string[],
      shape: metadata.shape,
      dtype: stringType(metadata),
    });
  } else copyNumbers(from, to, name, copying);
  copyAttributes(from, to.get(name) as Dataset, copying);
}

function copyNumbers(from: Dataset, to: Group, name: string, copying: Copying): void {
  const { metadata, path } = from;
  const { raw } = copying.library;
  const bytes = numbersOf(from, copying);
  const shape = metadata.shape as number[];
  const kept = copying.kept?.get(path);
  const length = kept ? keptShape(shape, kept) : shape;
  const left = kept ? keptOf(from, bytes, kept, copying) : bytes;
  withBuffer(raw, left.length, (pointer) => {
    raw.HEAPU8.set(left, pointer);
    raw.create_dataset(to.file_id, pathIn(to, name), BigInt(pointer), {
      ...written({ ...metadata, shape: length }),
      ...storage(from, left, length, copying),
    });
  });
}

/** The bytes of a dataset that stay, in the file's order. */
function keptOf(
  { metadata, path }: Dataset,
  bytes: Uint8Array,
  kept: KeptIndices,
  { orders }: Copying,
): Uint8Array {
  const { size: width } = metadata;
  const shape = metadata.shape as number[];
  const order = orders?.get(path);
  const left = keepOf(order?.toRows(bytes, shape, width) ?? bytes, shape, kept, width);
  return order?.fromRows(left, keptShape(shape, kept), width) ?? left;
}

/** All bytes of a dataset. */
function numbersOf({ file_id: file, path, metadata }: Dataset, { library: { raw } }: Copying): Uint8Array {
  const size = metadata.size * metadata.total_size;
  return withBuffer(raw, size, (pointer) => {
    raw.get_dataset_data(file, path, null, null, null, BigInt(pointer));
    return raw.HEAPU8.slice(pointer, pointer + size);
  });
}

/** How a dataset is stored: where nothing is compressed that was not, in the chunks that it was in. */
function storage(
  { metadata, filters }: Dataset,
  bytes: Uint8Array,
  shape: readonly number[],
  { compress }: Copying,
) {
  const chunks = metadata.chunks?.map((length, axis) => BigInt(Math.min(length, shape[axis]))) ?? null;
  if (compress) {
    const packed = packsWell(bytes);
    return packed
      ? { chunks: chunks ?? shape.map(BigInt), compression: gzip, compression_opts: [level] }
      : { chunks: null, compression: 0, compression_opts: [] };
  }
  const own = chunks && filters.find(({ id }) => id === gzip);
  return { chunks, compression: own ? gzip : 0, compression_opts: own ? own.cd_values : [] };
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
    const changed = copying.attributes?.get(attributePath(from.path, name));
    if (changed === null) continue;
    if (metadata.type === classOf.string) {
      const like = holding(changed, metadata);
      const value = (changed ?? attribute.value) as string | string[];
      to.create_attribute(name, value, like.shape, stringType(like));
      continue;
    }
    withBuffer(raw, metadata.size * metadata.total_size, (pointer) => {
      raw.get_attribute_data(from.file_id, from.path, name, BigInt(pointer));
      raw.create_attribute(to.file_id, to.path, name, BigInt(pointer), written(metadata));
    });
  }
}

/** What holds new texts in place of an attribute: a text of their length, or a list of as many. */
function holding(changed: string | readonly string[] | undefined, metadata: Metadata): Metadata {
  if (changed === undefined) return metadata;
  if (typeof changed === 'string') return { ...metadata, size: Buffer.byteLength(changed) };
  return { ...metadata, shape: [changed.length] };
}

function written(metadata: Metadata): object {
  const shape = metadata.shape?.map(BigInt) ?? null;
  return { ...metadata, shape, maxshape: shape, chunks: null, track_order: false };
}

/** A is ASCII and S UTF-8; without a number the length varies. */
function stringType({ vlen, size, cset }: Metadata): string {
  return `${cset === 1 ? 'S' : 'A'}${vlen ? '' : size}`;
}

/** Throws what rebuilding a file would throw, before any work is done. */
export async function checkRebuild(path: string, purpose: RebuildPurpose): Promise<void> {
  const { shownAs } = purpose;
  const { library, file } = await openSound(path, 'r', shownAs);
  try {
    guard(shownAs, () => checkContents(file, { ...purpose, library }));
  } finally {
    file.close();
  }
}
