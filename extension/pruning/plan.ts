import type { RecurrentLayer } from '../model/recurrentLayer.ts';
import type { CriterionName } from '../protocol/recipe.ts';
import type { GateName } from '../protocol/report.ts';
import type { Target } from './criteria/criterion.ts';
import { prunableGates } from './prunable.ts';
import type { CompleteRecipe } from './recipe.ts';
import { type CompetingSet, partition, setsOf } from './scope.ts';

/** Which weights compete, and how many of them go. */
export interface PruningPlan {
  readonly criterion: CriterionName;
  readonly sets: readonly (CompetingSet & { readonly target: Target })[];
}

/** A recipe over the layers of a model. A gate with a target of its own is a set of its own in each layer. */
export function planOf(recipe: CompleteRecipe, layers: readonly RecurrentLayer[]): PruningPlan {
  const targets = new Map(Object.entries(recipe.gates) as [GateName, number][]);
  const { chosen, rest } = partition(prunableGates(layers), (gate) => targets.has(gate));
  const own = setsOf(chosen, 'gate').map((set) => ({
    ...set,
    target: { sparsity: targets.get(set.members[0].gate) as number },
  }));
  const common = setsOf(rest, recipe.scope).map((set) => ({ ...set, target: recipe.target }));
  return { criterion: recipe.criterion, sets: [...own, ...common] };
}
