import { readFile } from 'node:fs/promises';
import type { Message } from '../protocol/messages.ts';
import type { Recipe } from '../protocol/recipe.ts';
import { checkValues, recipeKeys } from '../protocol/recipeChecks.ts';
import { messageOf, UserError } from '../protocol/userError.ts';

/** Reads a recipe: JSON with the keys of `Recipe`, and values that these may have. Throws recipeInvalid naming the key. */
export async function readRecipe(file: string): Promise<Recipe> {
  const recipe = parse(await read(file), file);
  const unknown = Object.keys(recipe).find((key) => !recipeKeys.some((known) => known === key));
  if (unknown !== undefined) {
    throw invalid(file, { code: 'reasonKey', args: { key: unknown, keys: recipeKeys } });
  }
  try {
    checkValues(recipe);
  } catch (error) {
    throw invalid(file, messageOf(error));
  }
  return recipe;
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
    throw new UserError('recipeInvalid', { file, reason: (error as Error).message });
  }
  throw invalid(file, { code: 'reasonNoObject', args: {} });
}

function invalid(file: string, cause: Message): UserError {
  return new UserError('recipeInvalid', { file }, cause);
}
