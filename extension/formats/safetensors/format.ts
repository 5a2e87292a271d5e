import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Model } from '../../model/model.ts';
import type { ProbeResult } from '../../protocol/requests.ts';
import { UserError } from '../../protocol/userError.ts';
import type { Format, Origin } from '../format.ts';
import { onlyName } from '../onlyName.ts';
import { probeStateDict, stateDictModel } from '../stateDict/model.ts';
import type { NamedTensor, StateDict, TensorContainer } from '../stateDict/tensors.ts';
import { openSafetensors, type SafetensorsFile } from './file.ts';
import { saveSafetensors } from './save.ts';
import { closeShards, openShards, type Shards, saveShards } from './shards.ts';

const suffix = '.safetensors';
const indexSuffix = '.safetensors.index.json';
const formatName = 'safetensors';

/** Weights by names, as Hugging Face's library writes them: one file, or several with an index. */
export const safetensors: Format = {
  suffixes: [indexSuffix, suffix],
  expected: 'expectedSafetensors',
  holds: ['contentSafetensors'],
  mainFile,
  probe,
  open,
};

function mainFile(names: readonly string[]): string | undefined {
  return onlyName(names, indexSuffix) ?? onlyName(names, suffix);
}

async function probe(path: string): Promise<ProbeResult> {
  const { dict, container } = await opened(path);
  try {
    return probeStateDict(dict, formatName, path);
  } finally {
    await container.close();
  }
}

async function open(path: string, origin: Origin): Promise<Model> {
  const { dict, container } = await opened(path);
  try {
    const stem = origin.path.replace(/\.safetensors(\.index\.json)?$/i, '');
    return await stateDictModel(dict, container, { stem, described: origin.described });
  } catch (error) {
    await container.close();
    throw error;
  }
}

function opened(path: string): Promise<{ dict: StateDict; container: TensorContainer }> {
  return path.toLowerCase().endsWith(indexSuffix) ? openedShards(path) : openedFile(path);
}

async function openedFile(path: string): Promise<{ dict: StateDict; container: TensorContainer }> {
  const file = await openSafetensors(path);
  return {
    dict: dictOf(new Map(file.header.entries.map(({ name }) => [name, file]))),
    container: {
      ...containerOf(path, [file]),
      save: (target, options) => saveSafetensors(file, target, options),
      close: () => file.bytes.close(),
    },
  };
}

async function openedShards(path: string): Promise<{ dict: StateDict; container: TensorContainer }> {
  const shards: Shards = await openShards(path);
  const files = [...shards.files.values()];
  const { size } = await stat(path);
  const one = containerOf(path, files);
  return {
    dict: dictOf(shards.shardOf),
    container: {
      ...one,
      bytes: one.bytes + size,
      files: [path, ...files.map(({ bytes }) => bytes.path)],
      folder: basename(path),
      save: (target, options) => saveShards(shards, target, options),
      close: () => closeShards(shards.files),
    },
  };
}

function containerOf(
  path: string,
  files: readonly SafetensorsFile[],
): Pick<TensorContainer, 'path' | 'format' | 'bytes' | 'hasOptimizerState' | 'checkRebuild'> {
  return {
    path,
    format: formatName,
    bytes: files.reduce((sum, { bytes }) => sum + bytes.size, 0),
    hasOptimizerState: false,
    checkRebuild: async (purpose) => {
      if (purpose === 'compress')
        throw new UserError('compressUnsupported', { file: path }, { code: 'reasonNoCompression', args: {} });
    },
  };
}

/** The tensors by name, with the file that each lies in. The library sorts them, so their order tells nothing. */
function dictOf(fileOf: ReadonlyMap<string, SafetensorsFile>): StateDict {
  const tensors = [...fileOf].flatMap(([name, file]): NamedTensor[] => {
    const entry = file.entries.get(name);
    if (!entry) return [];
    const parameter = file.parameters.get(name);
    return [{ name, shape: entry.shape, dtype: entry.dtype, ...(parameter && { parameter }) }];
  });
  return { tensors: [...tensors, ...tiedTensors(tensors, [...new Set(fileOf.values())])], inOrder: false };
}

/** `save_model` leaves out what is tied, and says in the metadata which tensor has its values: `"decoder.weight": "encoder.weight"`. */
function tiedTensors(tensors: readonly NamedTensor[], files: readonly SafetensorsFile[]): NamedTensor[] {
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  return files.flatMap(({ header }) =>
    Object.entries(header.metadata ?? {}).flatMap(([name, of]) => {
      const tied = byName.get(of);
      return tied && !byName.has(name) ? [{ ...tied, name }] : [];
    }),
  );
}
