import type { ScopeName } from '../protocol/recipe.ts';
import type { Prunable } from './prunable.ts';

/** Weights that compete with each other, with the name of the set for people. */
export interface CompetingSet {
  readonly name: string;
  readonly members: readonly Prunable[];
}

/** Name of the one set of the global scope. */
export const everything = '*';

/**
 * Divides the prunable weights into sets. gate = one gate over both matrices of a layer; matrix = one matrix with all
 * its gates; layer = all matrices; global = everything. A projection, and what is no recurrent layer's, has one gate and one matrix.
 */
export function setsOf(members: readonly Prunable[], scope: ScopeName): CompetingSet[] {
  const sets = new Map<string, Prunable[]>();
  for (const member of members) {
    const name = setName(member, scope);
    const own = sets.get(name) ?? [];
    own.push(member);
    sets.set(name, own);
  }
  return [...sets].map(([name, own]) => ({ name, members: own }));
}

function setName({ owner, matrixName, part }: Prunable, scope: ScopeName): string {
  switch (scope) {
    case 'gate':
      return part?.gate ? `${owner}/${part.gate}` : matrixName;
    case 'matrix':
      return matrixName;
    case 'layer':
      return owner;
    case 'global':
      return everything;
  }
}
