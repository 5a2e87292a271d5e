import { readFile } from 'node:fs/promises';
import type { Recipe } from '../protocol/recipe.ts';
import { UserError } from '../protocol/userError.ts';

/** Keys of a recipe and the type of each one's value. */
const types: Record<keyof Recipe, 'string' | 'number' | 'boolean' | 'object'> = {
  data: 'string',
  x: 'string',
  y: 'string',
  loss: 'string',
  split: 'string',
  batch: 'number',
  window: 'number',
  horizon: 'number',
  stride: 'number',
  scale: 'string',
  criterion: 'string',
  sparsity: 'number',
  k: 'number',
  granularity: 'string',
  scope: 'string',
  gates: 'object',
  schedule: 'string',
  compress: 'boolean',
  seed: 'number',
};

/** Reads a recipe: JSON with the keys of `Recipe`. Throws recipeInvalid, naming the key. Values are checked by the job. */
export async function readRecipe(file: string): Promise<Recipe> {
  const recipe = parse(await read(file), file);
  for (const [key, value] of Object.entries(recipe)) {
    const type = Object.hasOwn(types, key) ? types[key as keyof Recipe] : undefined;
    if (type === undefined)
      throw invalid(file, `it has an unknown key "${key}"; the keys are ${Object.keys(types).join(', ')}`);
    if (typeof value !== type || value === null) throw invalid(file, `"${key}" should be a ${type}`);
  }
  return recipe as Recipe;
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new UserError('fileNotFound', { file });
    throw new UserError('fileUnreadable', { file, reason: (error as Error).message });
  }
}

function parse(json: string, file: string): object {
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch (error) {
    throw invalid(file, (error as Error).message);
  }
  throw invalid(file, 'it is no JSON object');
}

function invalid(file: string, reason: string): UserError {
  return new UserError('recipeInvalid', { file, reason });
}
