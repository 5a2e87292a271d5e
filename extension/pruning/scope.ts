import type { ScopeName } from '../protocol/recipe.ts';
import type { GateName } from '../protocol/report.ts';
import type { PrunableGate } from './prunable.ts';

/** Weights that compete with each other, with the name of the set for people. */
export interface CompetingSet {
  readonly name: string;
  readonly members: readonly PrunableGate[];
}

/** Name of the one set of the global scope. */
export const everything = '*';

/**
 * Divides the prunable weights into sets. gate = one gate over both matrices of a layer; matrix = one matrix with all
 * its gates; layer = both matrices; global = everything.
 */
export function setsOf(members: readonly PrunableGate[], scope: ScopeName): CompetingSet[] {
  const sets = new Map<string, PrunableGate[]>();
  for (const member of members) {
    const name = setName(member, scope);
    sets.set(name, [...(sets.get(name) ?? []), member]);
  }
  return [...sets].map(([name, own]) => ({ name, members: own }));
}

function setName({ layer, matrix, gate }: PrunableGate, scope: ScopeName): string {
  switch (scope) {
    case 'gate':
      return `${layer.name}/${gate}`;
    case 'matrix':
      return `${layer.name}/${matrix}`;
    case 'layer':
      return layer.name;
    case 'global':
      return everything;
  }
}

/** The members of one gate, and the others. */
export function partition(
  members: readonly PrunableGate[],
  gate: (name: GateName) => boolean,
): { chosen: PrunableGate[]; rest: PrunableGate[] } {
  return {
    chosen: members.filter((member) => gate(member.gate)),
    rest: members.filter((member) => !gate(member.gate)),
  };
}
