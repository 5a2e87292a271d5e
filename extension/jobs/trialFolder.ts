import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { splitSuffix } from '../formats/open.ts';
import { writeWhole } from '../formats/writeWhole.ts';
import type { Model } from '../model/model.ts';
import type { AutoTrial, TrialResult } from '../protocol/auto.ts';
import { sweepLeftovers } from '../protocol/leftovers.ts';
import type { Message } from '../protocol/messages.ts';
import type { Recipe } from '../protocol/recipe.ts';
import { withoutPaths } from '../protocol/unreadable.ts';
import { UserError } from '../protocol/userError.ts';
import { jobKey, type ModelFiles, relevantOf, sweepCheckpoints, trialsSuffix } from './checkpoints.ts';
import type { SearchGround } from './searchGround.ts';

/** Of what is kept; files of another are passed over. */
const version = 2;

/** What is kept of a trial, beside its model file. */
export interface KeptTrial extends Pick<AutoTrial, 'recipe' | 'seconds' | 'failure'> {
  readonly result?: Omit<TrialResult, 'file'>;
  readonly engine?: string;
  readonly notes: readonly Message[];
  /** SHA-256 of the model file, or of the folder, which was verified when it was written. */
  readonly hash?: string;
}

/** Where a search keeps what it measured and every trial, so that the same search goes on with them. */
export interface TrialFolder {
  ground(): Promise<SearchGround | undefined>;
  keepGround(ground: SearchGround): Promise<void>;
  /** Undefined where the recipe was not tried, or its model file is not what it was. */
  trial(asked: Recipe): Promise<KeptTrial | undefined>;
  keepTrial(asked: Recipe, trial: KeptTrial): Promise<void>;
  /** Where the model file of a trial is, or the folder of a model of several files. */
  modelFile(asked: Recipe): string;
}

/** What a search needs to know of the model to keep others like it. */
export type SearchedModel = ModelFiles & Pick<Model, 'folder'>;

/**
 * The folder of the searches with this model, data and base recipe as they are now; it lies among the checkpoints, is found as these are,
 * and is swept with them. Throws `UserError` cannotWrite.
 */
export async function openTrials(folder: string, model: SearchedModel, base: Recipe): Promise<TrialFolder> {
  await sweepCheckpoints(folder);
  const path = join(folder, `${await jobKey(model, base)}${trialsSuffix}`);
  await makeFolder(path);
  await sweepLeftovers(path);
  const groundFile = join(path, 'before.json');
  const name = (asked: Recipe) => createHash('sha256').update(asJson(asked)).digest('hex').slice(0, 16);
  const ending = model.folder === undefined ? splitSuffix(model.path).suffix : '';
  const modelFile = (asked: Recipe) => join(path, `${name(asked)}${ending}`);
  const trialFile = (asked: Recipe) => join(path, `${name(asked)}.json`);
  return {
    modelFile,
    ground: () => readKept<SearchGround>(groundFile),
    keepGround: (ground) => keep(groundFile, ground),
    trial: async (asked) => {
      const trial = await readKept<KeptTrial>(trialFile(asked));
      const isWhole =
        trial && (!trial.hash || trial.hash === (await hashOf(modelFile(asked)).catch(() => '')));
      return isWhole ? trial : undefined;
    },
    keepTrial: (asked, trial) => keep(trialFile(asked), trial),
  };
}

/** What decides about the model file, whatever order its keys have. */
function asJson(asked: Recipe): string {
  return JSON.stringify([relevantOf(asked), asked.compress === true]);
}

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
    // Whoever comes back has not given it up.
    await utimes(path, new Date(), new Date());
  } catch (error) {
    throw new UserError('cannotWrite', { file: path, reason: withoutPaths((error as Error).message) });
  }
}

async function keep(file: string, content: object): Promise<void> {
  await writeWhole(file, (temporary) => writeFile(temporary, JSON.stringify({ version, content })));
}

async function readKept<T>(file: string): Promise<T | undefined> {
  try {
    const kept = JSON.parse(await readFile(file, 'utf8')) as { version: number; content: T };
    return kept.version === version ? kept.content : undefined;
  } catch {
    // What is not there, or damaged, is made again.
    return undefined;
  }
}

/** SHA-256 of a model's file as hexadecimal digits; of a folder, of its files' names and bytes. */
export async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  if (!(await stat(path)).isDirectory()) await pipeline(createReadStream(path), hash);
  else
    for (const name of (await readdir(path)).sort())
      hash.update(JSON.stringify([name, await hashOf(join(path, name))]));
  return hash.digest('hex');
}
