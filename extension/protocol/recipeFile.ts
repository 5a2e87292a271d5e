import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import type { Message } from './messages.ts';
import type { Recipe } from './recipe.ts';
import { checkValues, recipeKeys } from './recipeChecks.ts';
import { messageOf, UserError } from './userError.ts';

/** How the names of recipe files end. */
export const recipeEnding = '.lstmprune.json';

/**
 * The recipe that a file holds: JSON with the keys of `Recipe`, and values that these may have. A key `$schema` is passed over. Relative
 * paths of data begin at the file's folder; in what is returned they are absolute. Throws recipeInvalid naming the key.
 */
export function parseRecipe(text: string, file: string): Recipe {
  const { $schema: _, ...recipe } = parse(text, file);
  const unknown = Object.keys(recipe).find((key) => !recipeKeys.some((known) => known === key));
  if (unknown !== undefined) {
    throw invalid(file, { code: 'reasonKey', args: { key: unknown, keys: recipeKeys } });
  }
  try {
    checkValues(recipe);
  } catch (error) {
    throw invalid(file, messageOf(error));
  }
  return withPaths(recipe, (path) => resolve(dirname(file), path));
}

/**
 * A recipe as the text of a file; paths are written as they are from the file's folder, so that a project may be moved.
 * @param recipe relative paths in it begin at the current folder
 */
export function recipeText(recipe: Recipe, file: string): string {
  const folder = dirname(resolve(file));
  const written = withPaths(recipe, (path) => {
    const from = relative(folder, resolve(path));
    // On another drive there is no way there.
    return isAbsolute(from) ? from : from.replaceAll(sep, '/');
  });
  return `${JSON.stringify(written, undefined, 2)}\n`;
}

function parse(text: string, file: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch (error) {
    throw new UserError('recipeInvalid', { file, reason: (error as Error).message });
  }
  throw invalid(file, { code: 'reasonNoObject', args: {} });
}

/** With another path for each file that is named: the data, or the .npy files where there is none. */
function withPaths(recipe: Recipe, pathOf: (path: string) => string): Recipe {
  if (recipe.data !== undefined) return { ...recipe, data: pathOf(recipe.data) };
  const moved = { ...recipe };
  for (const key of ['x', 'y'] as const) {
    const names = recipe[key]?.split(',').map((name) => name.trim());
    if (names) moved[key] = names.map((name) => (/\.npy$/i.test(name) ? pathOf(name) : name)).join(',');
  }
  return moved;
}

function invalid(file: string, cause: Message): UserError {
  return new UserError('recipeInvalid', { file }, cause);
}
