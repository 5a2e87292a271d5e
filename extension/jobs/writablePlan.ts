import type { Model } from '../model/model.ts';
import type { Message } from '../protocol/messages.ts';
import type { Recipe } from '../protocol/recipe.ts';
import { UserError } from '../protocol/userError.ts';
import { type PruningPlan, planOf } from '../pruning/plan.ts';

/** A recipe over a model, without the layers that its file could not be written without. Throws what `planOf` throws. */
export async function writablePlan(recipe: Recipe, model: Model): Promise<PruningPlan> {
  const plan = planOf(recipe, model);
  const unwritable = new Map<string, Message>();
  for (const { name, way } of plan.sets.flatMap(({ removals = [] }) => removals)) {
    if (!('redirection' in way)) continue;
    const refusal = await refusalOf(() => model.checkRebuild('shrink', [way.redirection]));
    if (refusal) unwritable.set(name, refusal);
  }
  return unwritable.size === 0 ? plan : planOf(recipe, model, unwritable);
}

async function refusalOf(check: () => Promise<void>): Promise<Message | undefined> {
  try {
    await check();
    return undefined;
  } catch (error) {
    if (error instanceof UserError && error.info.code === 'shrinkUnsupported') return error.info.cause;
    throw error;
  }
}
