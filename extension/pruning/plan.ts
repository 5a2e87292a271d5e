import type { Model } from '../model/model.ts';
import type { Parameter } from '../model/parameter.ts';
import type { Message } from '../protocol/messages.ts';
import { parseBlock, parsePattern } from '../protocol/patterns.ts';
import type { Recipe } from '../protocol/recipe.ts';
import { criteriaByName } from './criteria/byName.ts';
import type { Criterion } from './criteria/criterion.ts';
import { type Banks, balanced, pattern } from './granularity/banks.ts';
import { blockGroups } from './granularity/block.ts';
import { columnGroups } from './granularity/column.ts';
import type { Grouping } from './granularity/granularity.ts';
import { rowGroups } from './granularity/row.ts';
import { layerPlan, type Unwritable } from './layers/layerPlan.ts';
import type { LayerRemoval } from './layers/removals.ts';
import { type Prunable, prunablesOf } from './prunable.ts';
import { type CompleteRecipe, completeRecipe, type OwnTarget, ownTarget, sharedTarget } from './recipe.ts';
import { type CompetingSet, setsOf } from './scope.ts';
import type { Target } from './target.ts';
import { unitPlan } from './unitPlan.ts';

/** Weights or groups of weights that compete, and how many of them go. */
export interface PlannedSet extends CompetingSet {
  readonly target: Target;
  /** Absent: every weight by itself. */
  readonly grouping?: Grouping;
  /** Whole layers, one a group. */
  readonly removals?: readonly LayerRemoval[];
}

/** What is pruned, by what it is judged, and how much of it goes. */
export interface PruningPlan {
  readonly recipe: CompleteRecipe;
  readonly criterion: Criterion;
  readonly prunables: readonly Prunable[];
  readonly sets: readonly PlannedSet[];
  /** What is to be said of what cannot be pruned. */
  readonly notes: readonly Message[];
}

/** What of a model a plan depends on. */
export type Plannable = Pick<Model, 'layers' | 'parameters' | 'graph' | 'notEvaluable'>;

/**
 * A recipe over a model. What has a target of its own is a set of its own. Throws what `completeRecipe` and `prunablesOf` throw, and
 * unitsFrozen, and `layerPlan`.
 * @param unwritable layers that the model's format cannot leave out
 */
export function planOf(recipe: Recipe, model: Plannable, unwritable: Unwritable = new Map()): PruningPlan {
  const prunables = prunablesOf(model, recipe);
  const complete = completeRecipe(recipe, prunables);
  const base = { recipe: complete, criterion: criteriaByName[complete.criterion], prunables };
  if (complete.granularity === 'unit') return { ...base, ...unitPlan(model, prunables, complete) };
  if (complete.granularity === 'layer')
    return { ...base, ...layerPlan(model, prunables, complete, unwritable) };
  const sets = setsWithTargets(prunables, complete).map((set): PlannedSet => {
    const grouping = groupingOf(set, complete);
    return grouping ? { ...set, grouping } : set;
  });
  return { ...base, sets, notes: [] };
}

/**
 * What has a target of its own competes with nothing else: a gate of `gates` is a set in each layer, over both matrices; what fits a name
 * of `targets` is divided by the scope like the rest.
 */
function setsWithTargets(prunables: readonly Prunable[], recipe: CompleteRecipe): PlannedSet[] {
  if (recipe.granularity === 'column') {
    for (const { name, members } of setsOf(prunables, 'matrix')) sharedTarget(members, name, recipe);
  }
  const chosen = new Map<string, { own: OwnTarget; members: Prunable[] }>();
  const rest: Prunable[] = [];
  for (const one of prunables) {
    const own = ownTarget(one, recipe);
    if (!own) {
      rest.push(one);
      continue;
    }
    const key = `${own.isGate} ${own.name}`;
    const known = chosen.get(key) ?? { own, members: [] };
    known.members.push(one);
    chosen.set(key, known);
  }
  const sets = [...chosen.values()].flatMap(({ own, members }) => {
    const target = { sparsity: own.target };
    if (own.isGate) return setsOf(members, 'gate').map((set) => ({ ...set, target }));
    const parts = setsOf(members, recipe.scope);
    const nameOf = (part: string) => (parts.length === 1 ? own.name : `${own.name} (${part})`);
    return parts.map((set) => ({ ...set, name: nameOf(set.name), target }));
  });
  return [...sets, ...setsOf(rest, recipe.scope).map((set) => ({ ...set, target: recipe.target }))];
}

/** A plan for some of the weights that another is for, in one set: by the same criterion, in the same groups. Not for hidden units. */
export function partOf(plan: PruningPlan, { name, members }: CompetingSet, sparsity: number): PruningPlan {
  const grouping = groupingOf({ name, members }, plan.recipe);
  const set = { name, members, target: { sparsity }, ...(grouping && { grouping }) };
  return { ...plan, prunables: members, sets: [set] };
}

function groupingOf({ members }: CompetingSet, { granularity, block }: CompleteRecipe): Grouping | undefined {
  switch (granularity) {
    case 'block':
      return blockGroups(members, parseBlock(block ?? '') as { rows: number; columns: number });
    case 'row':
      return rowGroups(members);
    case 'column':
      return columnGroups(members);
    default:
      return undefined;
  }
}

/** How the rows of a set are cut where each row has a target of its own; undefined where its weights compete. */
export function banksOf(
  { granularity, pattern: text, bank = 0 }: CompleteRecipe,
  target: Target,
): Banks | undefined {
  const due = 'sparsity' in target ? target.sparsity : undefined;
  if (granularity === 'n:m') return pattern(parsePattern(text ?? '') as { kept: number; of: number }, due);
  return granularity === 'bank' && due !== undefined ? balanced(bank, due) : undefined;
}

/** As many weights, if not the same ones, judged by their magnitude where the plan's own criterion needs what only data tells. */
export function standInFor(plan: PruningPlan): PruningPlan {
  return plan.criterion.needs.length === 0 ? plan : { ...plan, criterion: criteriaByName.magnitude };
}

/** The same where only a training will tell what the criterion needs, and the plan is to be applied before. */
export function beforeTraining(plan: PruningPlan): PruningPlan {
  return plan.criterion.needs.includes('movement') ? standInFor(plan) : plan;
}

/** Every parameter that a plan may put a mask on. */
export function parametersOf({ sets }: PruningPlan): Set<Parameter> {
  const views = sets.flatMap(({ members, grouping }) => [...members, ...(grouping?.parts ?? [])]);
  return new Set(views.map(({ view }) => view.parameter));
}
