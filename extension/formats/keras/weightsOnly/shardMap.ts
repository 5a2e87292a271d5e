import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { UserError } from '../../../protocol/userError.ts';
import { checkFileSize } from '../../checkFileSize.ts';
import { jsonFault } from '../../jsonFault.ts';
import { largestJson } from '../../largestJson.ts';

/** What the `.weights.json` of a model in several files says. */
export interface ShardMap {
  /** The files beside it, in the order in which they are named first. */
  readonly shards: readonly string[];
}

/** Whether a JSON file lists the files of a Keras model's weights. Other formats have JSON files of other kinds. */
export async function isShardMap(path: string): Promise<boolean> {
  try {
    return weightMapIn(await readJson(path)) !== undefined;
  } catch {
    return false;
  }
}

/**
 * Reads what `save_weights('….weights.json', max_shard_size=…)` of Keras 3 writes. Throws `UserError`: fileTooLarge; fileDamaged, where it
 * names a file outside its own folder, too; notAModel.
 */
export async function readShardMap(path: string): Promise<ShardMap> {
  const map = weightMapIn(await readJson(path));
  if (!map) throw new UserError('notAModel', { file: path }, { code: 'reasonNeither', args: {} });
  const names = new Set(Object.values(map).flat().map(String));
  for (const name of names) {
    if (name !== basename(name) || name.includes('\\') || name === '' || name === '.' || name === '..')
      throw new UserError('fileDamaged', { file: path }, { code: 'reasonPathOutside', args: { path: name } });
  }
  return { shards: [...names].map((name) => join(dirname(path), name)) };
}

async function readJson(path: string): Promise<unknown> {
  await checkFileSize(path, largestJson);
  const text = await readFile(path, 'utf8');
  const fault = jsonFault(text);
  if (fault) throw new UserError('fileDamaged', { file: path }, fault);
  try {
    return JSON.parse(text);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new UserError('fileDamaged', { file: path }, { code: 'reasonBadConfig', args: { detail } });
  }
}

function weightMapIn(json: unknown): Record<string, unknown> | undefined {
  const map = (json as { weight_map?: unknown } | null)?.weight_map;
  return typeof map === 'object' && map !== null && !Array.isArray(map)
    ? (map as Record<string, unknown>)
    : undefined;
}
