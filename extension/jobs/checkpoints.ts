import { createHash } from 'node:crypto';
import { mkdir, readdir, realpath, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { writeWhole } from '../formats/writeWhole.ts';
import type { Model } from '../model/model.ts';
import type { Recipe } from '../protocol/recipe.ts';
import { UserError } from '../protocol/userError.ts';
import { readEngine, readSnapshot, writeSnapshot } from '../training/checkpoint.ts';
import type { Snapshot } from '../training/finetune.ts';
import type { StoredSnapshot } from '../training/storedSnapshot.ts';

const suffix = '.checkpoint';
/** Of the folders in which searches keep their trials. */
export const trialsSuffix = '.trials';
/** Whoever has not come back by then has given the job up. */
const keptMilliseconds = 30 * 24 * 60 * 60 * 1000;

/** Where one job keeps what it would need to go on; each job has a name of its own. */
export interface CheckpointFile {
  /** Undefined where there is none. Throws where it cannot be used. */
  load(): Promise<StoredSnapshot | undefined>;
  /** The engine that what is kept belongs to; as `load`. */
  engine(): Promise<string | undefined>;
  /** Replaces what was kept before, whole. */
  save(snapshot: Snapshot, engine: string): Promise<void>;
  remove(): Promise<void>;
}

/** The files of a model, as it was opened. */
export type ModelFiles = Pick<Model, 'path' | 'files' | 'beside'>;

/** The checkpoint of the job with this model, data and recipe as they are now. */
export async function checkpointFile(
  folder: string,
  model: ModelFiles,
  recipe: Recipe,
): Promise<CheckpointFile> {
  const path = join(folder, `${await jobKey(model, recipe)}${suffix}`);
  return {
    load: () => ifThere(readSnapshot(path)),
    engine: () => ifThere(readEngine(path)),
    save: async (snapshot, engine) => {
      await mkdir(folder, { recursive: true });
      await writeWhole(path, (temporary) => writeSnapshot(temporary, snapshot, engine));
    },
    // One that stays costs nothing but a note when the same job is run again.
    remove: () => rm(path, { force: true }).catch(() => {}),
  };
}

async function ifThere<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (/^ENOENT|^ENOTDIR/.test((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

/**
 * A name for the job with this model, data and recipe as they are now: other sizes or times of change of the files, or another recipe, are
 * another job. Throws `UserError` fileNotFound.
 */
export async function jobKey(
  { path, files: parts = [path], beside = [] }: ModelFiles,
  recipe: Recipe,
): Promise<string> {
  const { data, x = '', y } = recipe;
  const arrays = [...x.split(','), ...(y === undefined ? [] : [y])];
  const files = [];
  for (const file of [...parts, ...beside, ...(data === undefined ? arrays : [data])])
    files.push(await stampOf(file.trim()));
  return createHash('sha256')
    .update(JSON.stringify([files, relevantOf(recipe)]))
    .digest('hex');
}

/** What of a recipe decides about the weights that come out, in an order that depends on nothing. */
export function relevantOf({ resume, threads, compress, control, ...relevant }: Recipe): [string, unknown][] {
  return Object.entries(relevant).sort(([a], [b]) => (a < b ? -1 : 1));
}

async function stampOf(file: string): Promise<readonly unknown[]> {
  try {
    const { size, mtimeMs } = await stat(file);
    return [await realpath(file), size, mtimeMs];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new UserError('fileNotFound', { file });
    throw error;
  }
}

/** Removes checkpoints and trials that nobody came back for, and what killed processes left half-written. */
export async function sweepCheckpoints(folder: string, now = Date.now()): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter((name) => name.includes(suffix) || name.endsWith(trialsSuffix))) {
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined);
    if (found && now - found.mtimeMs > keptMilliseconds) await rm(path, { recursive: true, force: true });
  }
}

/** The folder for checkpoints where the system wants caches to be: XDG's on Linux, Library/Caches, LocalAppData. */
export function defaultCheckpointFolder(env: NodeJS.ProcessEnv = process.env): string {
  return join(cacheFolder(env), 'lstm-pruner', 'checkpoints');
}

function cacheFolder(env: NodeJS.ProcessEnv): string {
  switch (process.platform) {
    case 'win32':
      return env.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local');
    case 'darwin':
      return join(homedir(), 'Library', 'Caches');
    default:
      // The specification says that a relative path is invalid.
      return env.XDG_CACHE_HOME?.startsWith('/') ? env.XDG_CACHE_HOME : join(homedir(), '.cache');
  }
}
