import type { RecurrentLayer } from '../model/recurrentLayer.ts';
import type { CriterionName, GranularityName, Recipe, ScheduleName, ScopeName } from '../protocol/recipe.ts';
import type { GateName } from '../protocol/report.ts';
import { UserError } from '../protocol/userError.ts';
import type { Target } from './criteria/criterion.ts';

/** A recipe with every default filled in and every clash refused. */
export interface CompleteRecipe {
  readonly criterion: CriterionName;
  readonly granularity: GranularityName;
  readonly scope: ScopeName;
  readonly schedule: ScheduleName;
  readonly target: Target;
  readonly gates: Partial<Record<GateName, number>>;
}

const defaultK = 0.5;

/**
 * Fills in the defaults of a recipe whose values were checked: magnitude over each layer, or a threshold of k = 0.5 over
 * each matrix. Throws `UserError` optionMissing, optionsClash or gateUnknown.
 */
export function completeRecipe(recipe: Recipe, layers: readonly RecurrentLayer[]): CompleteRecipe {
  const { criterion = 'magnitude', granularity = 'weight', schedule = 'oneshot', gates = {} } = recipe;
  const threshold = criterion === 'threshold';
  for (const gate of Object.keys(gates)) checkGate(gate, layers);
  return {
    criterion,
    granularity,
    scope: recipe.scope ?? (threshold ? 'matrix' : 'layer'),
    schedule,
    target: threshold ? thresholdTarget(recipe) : rankingTarget(recipe, layers),
    gates,
  };
}

/** The recipe that reproduces a result: what was given, with the defaults that were used. */
export function recordedRecipe(recipe: Recipe, complete: CompleteRecipe): Recipe {
  const { criterion, granularity, scope, schedule, target } = complete;
  const ranking = 'k' in target ? target : {};
  return { ...recipe, criterion, granularity, scope, schedule, ...ranking };
}

function thresholdTarget({ sparsity, gates, k = defaultK }: Recipe): Target {
  if (sparsity !== undefined)
    throw new UserError('optionsClash', { option: 'sparsity', other: 'criterion threshold' });
  if (gates) throw new UserError('optionsClash', { option: 'gates', other: 'criterion threshold' });
  return { k };
}

function rankingTarget({ sparsity, gates, k }: Recipe, layers: readonly RecurrentLayer[]): Target {
  if (k !== undefined) throw new UserError('optionsClash', { option: 'k', other: 'criterion magnitude' });
  if (sparsity !== undefined) return { sparsity };
  const covered =
    gates !== undefined && layers.every((layer) => layer.gates.every(({ name }) => name in gates));
  if (!covered) throw new UserError('optionMissing', { option: 'sparsity' });
  return { sparsity: 0 };
}

function checkGate(gate: string, layers: readonly RecurrentLayer[]): void {
  const known = new Set(layers.flatMap((layer) => layer.gates.map(({ name }) => name as string)));
  if (!known.has(gate)) throw new UserError('gateUnknown', { gate, gates: [...known].join(', ') });
}
