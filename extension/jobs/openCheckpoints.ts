import type { Model } from '../model/model.ts';
import type { Recipe } from '../protocol/recipe.ts';
import type { Surroundings } from '../protocol/requests.ts';
import { trains } from './asked.ts';
import {
  type CheckpointFile,
  checkpointFile,
  defaultCheckpointFolder,
  sweepCheckpoints,
} from './checkpoints.ts';

/** The checkpoint of a job, where there may be one; old ones of others are removed. */
export async function openCheckpoints(
  model: Model,
  recipe: Recipe,
  { checkpoints: folder = defaultCheckpointFolder() }: Surroundings,
): Promise<CheckpointFile> {
  await sweepCheckpoints(folder);
  return checkpointFile(folder, model, recipe);
}

/** Which engine began what a job that may choose its engine will go on with; undefined: nothing, or any will do. */
export async function engineToGoOnWith(
  model: Model,
  recipe: Recipe,
  surroundings: Surroundings,
): Promise<string | undefined> {
  const { engine = 'auto', resume } = recipe;
  const chooses = engine === 'auto' && surroundings.tensorflow !== undefined;
  if (!chooses || !trains(recipe) || resume === false) return undefined;
  const checkpoints = await openCheckpoints(model, recipe, surroundings);
  // What cannot be read is told where it would be taken up.
  return checkpoints.engine().catch(() => undefined);
}
