import type { Model } from '../../model/model.ts';
import type { ProbeResult } from '../../protocol/requests.ts';
import type { Format, Origin } from '../format.ts';
import { onlyName } from '../onlyName.ts';
import { probeStateDict, stateDictModel } from '../stateDict/model.ts';
import { torchContainer } from './container.ts';
import { contentsOf } from './contents.ts';
import { isTorchFile, openTorchFile } from './openTorch.ts';
import { openTorchShards } from './shards.ts';

/** Other programs than PyTorch use the rest of the suffixes, too. */
const ownSuffixes = ['.pth', '.pth.tar', '.pt', '.th'];
const suffixes = [...ownSuffixes, '.ckpt', '.bin', '.pkl'];

/**
 * What torch.save and torch.jit.save write: state dicts, checkpoints around them, whole modules, TorchScript. Pickles are read as data;
 * nothing in a file is executed.
 */
export const pytorch: Format = {
  suffixes,
  match: async (path) => ownSuffixes.some((suffix) => endsIn(path, suffix)) || (await isTorchFile(path)),
  expected: 'expectedTorch',
  holds: ['contentTorch'],
  open,
  probe,
};

const indexSuffix = '.bin.index.json';

/**
 * State dicts in several files, as transformers' save_pretrained wrote them: `pytorch_model.bin.index.json` lists them. In a folder it may
 * also have been one, `pytorch_model.bin`, beside others such as `training_args.bin`.
 */
export const pytorchShards: Format = {
  suffixes: [indexSuffix],
  mainFile: (names) => onlyName(names, indexSuffix) ?? names.find((name) => name === 'pytorch_model.bin'),
  open: async (path, { path: original, described }) => {
    const { stateDict, container } = await openTorchShards(path);
    try {
      const stem = endsIn(original, indexSuffix) ? original.slice(0, -indexSuffix.length) : original;
      return await stateDictModel(stateDict, container, { stem, described });
    } catch (error) {
      await container.close();
      throw error;
    }
  },
  probe: async (path) => {
    const { stateDict, container } = await openTorchShards(path);
    try {
      return probeStateDict(stateDict, container.format, path);
    } finally {
      await container.close();
    }
  },
};

async function open(path: string, { path: original, described }: Origin): Promise<Model> {
  const torch = await openTorchFile(path);
  try {
    const contents = await contentsOf(torch);
    const container = torchContainer(torch, contents);
    return await stateDictModel(contents.stateDict, container, { stem: stemOf(original), described });
  } catch (error) {
    await torch.close();
    throw error;
  }
}

async function probe(path: string): Promise<ProbeResult> {
  const torch = await openTorchFile(path);
  try {
    const { stateDict } = await contentsOf(torch);
    return probeStateDict(stateDict, torch.format, path);
  } finally {
    await torch.close();
  }
}

function stemOf(path: string): string {
  const suffix = suffixes.find((own) => endsIn(path, own)) ?? '';
  return path.slice(0, path.length - suffix.length);
}

function endsIn(path: string, suffix: string): boolean {
  return path.toLowerCase().endsWith(suffix);
}
