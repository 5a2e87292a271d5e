import { basename } from 'node:path';
import { openModel } from '../formats/open.ts';
import { createScratch } from '../formats/scratch.ts';
import type { Model } from '../model/model.ts';
import type { Recipe } from '../protocol/recipe.ts';
import type { Shrunk } from '../pruning/units/shrink.ts';
import type { JobContext } from './context.ts';
import { saveModel } from './shrink.ts';

/** Saves a model as it is now, apart from the user's files, does something with what was saved, and removes it. */
export async function withSaved<T>(
  model: Model,
  recipe: Recipe,
  shrunk: Shrunk | undefined,
  context: JobContext,
  use: (saved: Model) => Promise<T>,
): Promise<T> {
  const scratch = await createScratch();
  try {
    const path = scratch.file(basename(model.path));
    await saveModel(model, path, recipe, shrunk, context);
    const saved = await openModel(path, model);
    try {
      return await use(saved);
    } finally {
      await saved.close();
    }
  } finally {
    await scratch.remove();
  }
}
