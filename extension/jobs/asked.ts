import type { DataOptions, Recipe } from '../protocol/recipe.ts';

/** Whether a recipe asks for fine-tuning. */
export function trains({ epochs = 0 }: Pick<Recipe, 'epochs'>): boolean {
  return epochs > 0;
}

/** Whether data is named: a file that holds all of it, or one for the inputs. */
export function hasData({ data, x }: Pick<DataOptions, 'data' | 'x'>): boolean {
  return data !== undefined || x !== undefined;
}
