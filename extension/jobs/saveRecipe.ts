import { writeFile } from 'node:fs/promises';
import { checkPlace } from '../formats/outputName.ts';
import { writeWhole } from '../formats/writeWhole.ts';
import type { Recipe } from '../protocol/recipe.ts';
import { recipeText } from '../protocol/recipeFile.ts';

/** Checks before a long job that its recipe can be written. Throws outputExists, readOnly or cannotWrite. */
export const checkRecipePlace = checkPlace;

/** Writes a recipe to a file, replacing it. Throws diskFull, readOnly or cannotWrite. */
export async function saveRecipe(recipe: Recipe, path: string): Promise<void> {
  const text = recipeText(recipe, path);
  await writeWhole(path, (temporary) => writeFile(temporary, text));
}
