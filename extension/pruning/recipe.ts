import type { RecurrentLayer } from '../model/recurrentLayer.ts';
import {
  type CriterionName,
  criteria,
  type GranularityName,
  granularities,
  type Recipe,
  type ScheduleName,
  type ScopeName,
  schedules,
  scopes,
} from '../protocol/recipe.ts';
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
 * Fills in the defaults: magnitude over each layer, or a threshold of k = 0.5 over each matrix. Throws `UserError`
 * invalidValue, optionMissing, optionsClash or gateUnknown.
 */
export function completeRecipe(recipe: Recipe, layers: readonly RecurrentLayer[]): CompleteRecipe {
  const criterion = oneOf('criterion', recipe.criterion ?? 'magnitude', criteria);
  const threshold = criterion === 'threshold';
  const gates = recipe.gates ?? {};
  for (const gate of Object.keys(gates)) {
    checkGate(gate, layers);
    fraction(`gates ${gate}`, gates[gate as GateName]);
  }
  return {
    criterion,
    granularity: oneOf('granularity', recipe.granularity ?? 'weight', granularities),
    scope: oneOf('scope', recipe.scope ?? (threshold ? 'matrix' : 'layer'), scopes),
    schedule: oneOf('schedule', recipe.schedule ?? 'oneshot', schedules),
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
  if (!(Number.isFinite(k) && k >= 0)) throw invalid('k', k, 'a number from 0');
  return { k };
}

function rankingTarget({ sparsity, gates, k }: Recipe, layers: readonly RecurrentLayer[]): Target {
  if (k !== undefined) throw new UserError('optionsClash', { option: 'k', other: 'criterion magnitude' });
  if (sparsity !== undefined) return { sparsity: fraction('sparsity', sparsity) };
  const covered =
    gates !== undefined && layers.every((layer) => layer.gates.every(({ name }) => name in gates));
  if (!covered) throw new UserError('optionMissing', { option: 'sparsity' });
  return { sparsity: 0 };
}

function checkGate(gate: string, layers: readonly RecurrentLayer[]): void {
  const known = new Set(layers.flatMap((layer) => layer.gates.map(({ name }) => name as string)));
  if (!known.has(gate)) throw new UserError('gateUnknown', { gate, gates: [...known].join(', ') });
}

function fraction(option: string, value: unknown): number {
  if (typeof value === 'number' && value >= 0 && value <= 1) return value;
  throw invalid(option, value, 'a number from 0 to 1');
}

function oneOf<T extends string>(option: string, value: unknown, valid: readonly T[]): T {
  const found = valid.find((candidate) => candidate === value);
  if (found === undefined) throw invalid(option, value, valid.join(', '));
  return found;
}

function invalid(option: string, value: unknown, expected: string): UserError {
  return new UserError('invalidValue', { option, value: String(value), expected });
}
