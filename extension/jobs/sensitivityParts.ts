import type { GateName } from '../protocol/report.ts';
import { type PruningPlan, partOf } from '../pruning/plan.ts';
import { type Prunable, weightCount } from '../pruning/prunable.ts';

/** A part of a model that is pruned alone. */
export interface SensitivityPart {
  readonly name: string;
  readonly layer: string;
  readonly matrix?: string;
  readonly gate?: GateName;
  readonly weights: number;
  planAt(sparsity: number): PruningPlan;
}

/**
 * Every gate of every matrix, every matrix with all its gates, and every layer with all its matrices, each behind what it consists of; what
 * has but one part is there once. Of hidden units, which lie in all gates, every set that can lose some.
 */
export function partsOf(plan: PruningPlan): SensitivityPart[] {
  if (plan.recipe.granularity === 'unit') return plan.sets.map((set) => unitPart(plan, set));
  return grouped(plan.prunables, ({ owner }) => owner).flatMap(([layer, members]) => {
    const matrices = grouped(members, ({ matrixName }) => matrixName).flatMap(([name, own]) => {
      const matrix = matrixOf(own[0]);
      const gates = own.map((one) =>
        part(plan, { layer, matrix, ...(one.part?.gate && { gate: one.part.gate }) }, one.name, [one]),
      );
      return own.length === 1 ? gates : [...gates, part(plan, { layer, matrix }, name, own)];
    });
    const several = new Set(members.map(({ matrixName }) => matrixName)).size > 1;
    return several ? [...matrices, part(plan, { layer }, layer, members)] : matrices;
  });
}

/** `kernel`, `recurrent` or `projection`; of what is no recurrent layer's the last part of its name. */
function matrixOf({ part: of, name, owner }: Prunable): string {
  return of?.matrix ?? (name.slice(owner.length + 1) || name);
}

function part(
  plan: PruningPlan,
  place: Pick<SensitivityPart, 'layer' | 'matrix' | 'gate'>,
  name: string,
  members: readonly Prunable[],
): SensitivityPart {
  const planAt = (sparsity: number) => partOf(plan, { name, members }, sparsity);
  return { ...place, name, weights: weightsOf(members), planAt };
}

function unitPart(plan: PruningPlan, set: PruningPlan['sets'][number]): SensitivityPart {
  const { name, members } = set;
  const planAt = (sparsity: number) => ({ ...plan, sets: [{ ...set, target: { sparsity } }] });
  return { name, layer: name, weights: weightsOf(members), planAt };
}

function weightsOf(members: readonly Prunable[]): number {
  return members.reduce((sum, member) => sum + weightCount(member), 0);
}

/** In the order in which the groups are met. */
function grouped<T>(all: readonly T[], keyOf: (one: T) => string): [string, T[]][] {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const key = keyOf(one);
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups];
}
