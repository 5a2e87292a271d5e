import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Parameter } from '../../model/parameter.ts';
import type { KeptIndices } from '../../model/shrinking.ts';
import { copyPlain } from '../copyPlain.ts';
import { changedManifest, changedTopology, type WrittenGroup } from './changedJson.ts';
import { bytesAfter, changedBytes, type WeightChange } from './changedWeights.ts';
import type { WeightGroup } from './manifest.ts';
import type { OpenedGroup, ShardArrays } from './shardArrays.ts';
import { shardCuts } from './shardCuts.ts';
import { ShardWriter } from './shardWriter.ts';

/** What is written. */
export interface Saving {
  /** The original's `model.json`, its text, and its groups. */
  readonly path: string;
  readonly text: string;
  readonly groups: readonly WeightGroup[];
  readonly arrays: ShardArrays;
  /** By the names of their tensors. */
  readonly parameters: ReadonlyMap<string, Parameter>;
  /** Of a model that loses units or layers; the optimizer's state goes with them. */
  readonly rewritten?: RewrittenModel | undefined;
  readonly step?: (() => Promise<void>) | undefined;
}

export interface RewrittenModel {
  readonly configText: string;
  /** By tensor. */
  readonly kept: ReadonlyMap<string, KeptIndices>;
  readonly leftOut: ReadonlySet<string>;
}

/**
 * Writes a folder with the model's files under their own names. What does not change keeps its bytes: all files do where nothing was
 * pruned, and `model.json` does where only values change.
 */
export async function saveModel(folder: string, saving: Saving): Promise<void> {
  const { path, text, arrays, groups, rewritten, step } = saving;
  await mkdir(folder);
  const written = arrays.groups.map((group, g) => writtenGroup(group, groups[g], saving));
  for (const [g, own] of written.entries()) await writeGroup(folder, arrays.groups[g], own, path, step);
  const manifest = changedManifest(text, written);
  const json = rewritten ? changedTopology(manifest, rewritten.configText) : manifest;
  const target = join(folder, basename(path));
  if (json === text) await copyPlain(path, target);
  else await writeFile(target, json, { flag: 'wx' });
}

function writtenGroup(
  group: OpenedGroup,
  { paths }: WeightGroup,
  { parameters, rewritten }: Saving,
): WrittenGroup {
  const weights = group.weights.map((weight) => {
    const gone = rewritten !== undefined && (weight.ofOptimizer || rewritten.leftOut.has(weight.name));
    const change: WeightChange | undefined = gone
      ? undefined
      : { parameter: parameters.get(weight.name), kept: rewritten?.kept.get(weight.name) };
    return { weight, change };
  });
  const before = group.weights.reduce((sum, { bytes }) => sum + bytes, 0);
  const after = weights.reduce(
    (sum, { weight, change }) => sum + (change ? changedBytes(weight, change) : 0),
    0,
  );
  const sizes = group.bytes.shards.map(({ size }) => size);
  // Bytes behind the last tensor stay with a layout that stays.
  return { weights, cuts: shardCuts({ paths }, sizes, after === before ? group.bytes.size : after) };
}

async function writeGroup(
  folder: string,
  group: OpenedGroup,
  { weights, cuts }: WrittenGroup,
  shownAs: string,
  step: Saving['step'],
): Promise<void> {
  const writer = new ShardWriter(folder, cuts);
  try {
    let length = 0;
    for (const { weight, change } of weights) {
      await step?.();
      if (!change) continue;
      for await (const bytes of bytesAfter(group, weight, change, shownAs)) {
        await writer.write(bytes);
        length += bytes.length;
      }
    }
    const rest = cuts.reduce((sum, { size }) => sum + size, 0) - length;
    for await (const bytes of group.bytes.pieces(group.bytes.size - rest, rest)) await writer.write(bytes);
    await writer.end();
  } finally {
    await writer.close();
  }
}
