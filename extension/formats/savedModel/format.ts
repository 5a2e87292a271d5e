import { type FileHandle, open as openFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Model, SaveOptions } from '../../model/model.ts';
import type { ProbeResult } from '../../protocol/requests.ts';
import { UserError } from '../../protocol/userError.ts';
import { FileBytes } from '../bytes/fileBytes.ts';
import { partReader } from '../bytes/partReader.ts';
import { editBytes } from '../bytes/rawParameter.ts';
import { ownValues } from '../bytes/readValues.ts';
import { readWhole, writeWhole } from '../bytes/wholeCalls.ts';
import type { Format } from '../format.ts';
import {
  probeWeights,
  type WeightsContents,
  type WeightsParameter,
  weightsModel,
} from '../keras/weightsOnly/weightsModel.ts';
import { WireReader } from '../protobuf/reader.ts';
import { longestVarint } from '../protobuf/varint.ts';
import { type Bundle, type BundleTensor, readBundle } from './bundle.ts';
import { checkMain } from './checkMain.ts';
import { withCopies } from './copies.ts';
import { copyParts, partsOf } from './copyFolder.ts';
import { crc32c, masked } from './crc32c.ts';
import { groupsOf, isOptimizerState } from './groups.ts';
import { variableNames } from './objectGraph.ts';
import { type Block, mendBlock } from './sortedTable.ts';

const mainName = 'saved_model.pb';
const indexName = 'variables/variables.index';
/** The objects of a thousand layers take one. */
const largestGraph = 16 * 2 ** 20;
const objectGraphKey = '_CHECKPOINTABLE_OBJECT_GRAPH';

/** TensorFlow's SavedModel: a folder of a graph, of which only the outermost parts are looked at, and a checkpoint of its variables. */
export const savedModel: Format = {
  suffixes: [mainName],
  mainFile: (names) => names.find((name) => name === mainName),
  probe: async (path) => {
    const { contents, close } = await opened(path);
    try {
      return probeWeights(contents) satisfies ProbeResult;
    } finally {
      await close();
    }
  },
  open,
};

async function open(path: string): Promise<Model> {
  const { contents, bundle, places, close } = await opened(path);
  try {
    const refuse = () => {
      throw new UserError('compressUnsupported', { file: path }, { code: 'reasonNoCompression', args: {} });
    };
    return weightsModel(contents, {
      save: async (folder, parameters, options) => {
        if (options.compress) refuse();
        await saveCopy(path, folder, bundle, places, parameters, options);
      },
      checkCompress: async () => refuse(),
      close,
    });
  } catch (error) {
    await close();
    throw error;
  }
}

interface Opened {
  readonly contents: WeightsContents;
  readonly bundle: Bundle;
  /** Every place of a variable, by the key of the first. */
  readonly places: ReadonlyMap<string, readonly BundleTensor[]>;
  close(): Promise<void>;
}

/** Everything but the weights. */
async function opened(path: string): Promise<Opened> {
  const folder = dirname(path);
  await checkMain(path);
  const shards: FileBytes[] = [];
  const index = await openPart(folder, indexName, path);
  const close = async () => {
    for (const file of [index, ...shards]) await file.close();
  };
  try {
    const bundle = await readBundle(new WireReader(index, path), path);
    for (let i = 0; i < bundle.shards; i++)
      shards.push(await openPart(folder, shardName(i, bundle.shards), path));
    checkPlaces(bundle, shards, path);
    const byKey = new Map(bundle.tensors.map((tensor) => [tensor.key, tensor]));
    const bytesOf = ({ shard, offset, length }: BundleTensor) => shards[shard].read(offset, length);
    const graph = byKey.get(objectGraphKey);
    const names = graph ? await namesIn(shards[graph.shard], graph, path) : new Map();
    const weightAt = (key: string) =>
      byKey.get(key) as BundleTensor & { dtype: NonNullable<BundleTensor['dtype']> };
    const arrays = {
      read: async (key: string) => ownValues(await bytesOf(weightAt(key)), weightAt(key)),
      partOf: (key: string) => {
        const { shard, offset } = weightAt(key);
        return partReader(weightAt(key), (bytes, at) => shards[shard].readInto(bytes, offset + at));
      },
    };
    const copies = withCopies(bundle, names);
    const parts = (await partsOf(folder)).filter(({ isFolder }) => !isFolder);
    const files = parts.map(({ name }) => join(folder, name));
    const contents: WeightsContents = {
      path,
      format: 'TensorFlow SavedModel',
      groups: groupsOf([...copies.keys()], names, arrays),
      hasOptimizerState: bundle.tensors.some(({ key }) => isOptimizerState(key)),
      bytes: parts.reduce((sum, part) => sum + part.bytes, 0),
      files: [path, ...files.filter((file) => file !== path)],
      folder: mainName,
      why: { code: 'reasonOperations', args: {} },
    };
    const places = new Map([...copies].map(([{ key }, all]) => [key, all]));
    return { contents, bundle, places, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Whether every weight lies in its shard, and no more is claimed than is there: TensorFlow writes each into bytes of its own. */
function checkPlaces({ tensors }: Bundle, shards: readonly FileBytes[], path: string): void {
  let room = shards.reduce((sum, { size }) => sum + size, 0);
  for (const { dtype, shard, offset, length } of tensors) {
    if (!dtype) continue;
    room -= length;
    if (offset < 0 || offset + length > shards[shard].size || room < 0)
      throw new UserError('fileDamaged', { file: path }, { code: 'reasonTruncated', args: {} });
  }
}

function shardName(number: number, count: number): string {
  const digits = (n: number) => String(n).padStart(5, '0');
  return `variables/variables.data-${digits(number)}-of-${digits(count)}`;
}

async function openPart(folder: string, name: string, path: string): Promise<FileBytes> {
  try {
    return await FileBytes.open(join(folder, name), path);
  } catch (error) {
    if (!['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    throw new UserError('fileDamaged', { file: path }, { code: 'reasonNoFile', args: { path: name } });
  }
}

/** A string tensor of one element: its length as a varint, the checksum of the length, then the string. */
async function namesIn(shard: FileBytes, { offset, length }: BundleTensor, path: string) {
  const reader = new WireReader(shard, path);
  if (length > largestGraph)
    throw new UserError('tooLarge', {
      file: path,
      what: objectGraphKey,
      needed: length,
      limit: largestGraph,
    });
  const head = await shard.read(offset, Math.min(length, longestVarint));
  const start = offset + head.findIndex((byte) => byte < 0x80) + 1 + 4;
  if (start <= offset || start > offset + length) throw reader.damaged();
  return variableNames(reader, { start, end: offset + length });
}

/** A copy of the folder with the weights changed where they lie, and the checksums of what changed made right. */
async function saveCopy(
  path: string,
  folder: string,
  { index, shards }: Bundle,
  places: ReadonlyMap<string, readonly BundleTensor[]>,
  parameters: readonly WeightsParameter[],
  { step }: Pick<SaveOptions, 'step'>,
): Promise<void> {
  await copyParts(dirname(path), folder);
  const mended = Buffer.from(index);
  const blocks = new Set<Block>();
  const files: FileHandle[] = [];
  try {
    for (let i = 0; i < shards; i++) files.push(await openFile(join(folder, shardName(i, shards)), 'r+'));
    for (const parameter of parameters) {
      await step?.();
      if (!parameter.mask && !parameter.trained) continue;
      for (const { shard, offset, length, checksumAt, entry } of places.get(parameter.dataset) ?? []) {
        const bytes = Buffer.alloc(length);
        await readWhole(files[shard], bytes, offset);
        await editBytes(parameter, bytes, path);
        await writeWhole(files[shard], bytes, offset);
        mended.writeUInt32LE(masked(crc32c(bytes)), checksumAt);
        blocks.add(entry.block);
      }
    }
  } finally {
    for (const file of files) await file.close();
  }
  for (const block of blocks) mendBlock(mended, block);
  await writeFile(join(folder, indexName), mended);
}
