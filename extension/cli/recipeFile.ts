import { readFile } from 'node:fs/promises';
import type { Recipe } from '../protocol/recipe.ts';
import { parseRecipe } from '../protocol/recipeFile.ts';
import { unreadable } from '../protocol/unreadable.ts';
import { UserError } from '../protocol/userError.ts';

/** Reads a recipe file. Throws fileNotFound, fileUnreadable, or recipeInvalid naming the key. */
export async function readRecipe(file: string): Promise<Recipe> {
  return parseRecipe(await read(file), file);
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new UserError('fileNotFound', { file });
    throw unreadable(file, error);
  }
}
