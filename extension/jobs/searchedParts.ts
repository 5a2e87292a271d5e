import { finestCurves } from '../protocol/sensitivity.ts';
import { banksOf, type PruningPlan } from '../pruning/plan.ts';
import { partsOf, type SensitivityPart } from './sensitivityParts.ts';

/** A part of a model that a search gives a target of its own. */
export interface SearchedPart {
  readonly part: SensitivityPart;
  /** Under which name of a recipe's `targets` it is. */
  readonly target: string;
  /** What its sparsity is a multiple of 1 / so many of: its weights or groups, or the weights of each of its banks. */
  readonly steps: number;
}

/** Single gates of single matrices; of input columns, which go through all gates, whole matrices; of hidden units layers. */
export function searchedParts(plan: PruningPlan): SearchedPart[] {
  const { granularity } = plan.recipe;
  const parts = partsOf(plan);
  if (granularity === 'unit')
    // Layers whose units are tied have the target of the first.
    return plan.sets.map(({ members: [{ owner }] }, at) => searched(parts[at], owner));
  const chosen = granularity === 'column' ? wholeMatrices(parts) : finestCurves(parts);
  return chosen.map((part) => searched(part, part.name));
}

function searched(part: SensitivityPart, target: string): SearchedPart {
  const {
    sets: [{ grouping, target: none }],
    recipe,
  } = part.planAt(0);
  return { part, target, steps: banksOf(recipe, none)?.size ?? grouping?.count ?? part.weights };
}

function wholeMatrices(parts: readonly SensitivityPart[]): SensitivityPart[] {
  const matrices = parts.filter(({ matrix }) => matrix !== undefined);
  return matrices.filter(({ name }) => !matrices.some((other) => name.startsWith(`${other.name}/`)));
}
