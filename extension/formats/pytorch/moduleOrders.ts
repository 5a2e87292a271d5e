import type { GroupMember, ParameterGroup } from './momentOwners.ts';

interface Weight {
  readonly name: string;
  readonly shape: readonly number[];
}

/** Weights that are tried for a place, and states that are remembered. */
const mostTries = 1_000_000;
const mostKnown = 10_000;

/** What a weight's shape says of a parameter without one is nothing. */
export function fits({ shape }: GroupMember, weight: Weight): boolean {
  return !shape || (shape.length === weight.shape.length && shape.every((n, i) => n === weight.shape[i]));
}

/**
 * Whether an optimizer's groups can be filled in another way than a known one, if whole modules may come in any order, as in
 * `[*head.parameters(), *body.parameters()]`, the weights of each in its own, and any weight may be left out. What is not soon known is
 * taken for a yes.
 * @param owners the known way: weights by the keys of the groups' members, of which none is without one
 */
export function fillOtherwise(
  groups: readonly ParameterGroup[],
  weights: readonly Weight[],
  owners: ReadonlyMap<unknown, Weight>,
): boolean {
  const modules = [...Map.groupBy(weights, ({ name }) => name.slice(0, name.lastIndexOf('.') + 1)).values()];
  const used = modules.map(() => false);
  const taken = groups.map(() => 0);
  /** States from which no other way is left. */
  const known = new Set<string>();
  let tries = 0;
  /** Whether what is left can be filled so that, with what is taken, the way is another one. */
  const canFill = (isOther: boolean): boolean => {
    if (groups.every(({ members }, g) => taken[g] === members.length)) return isOther;
    const state = `${isOther} ${taken} ${modules.flatMap((_, m) => (used[m] ? [m] : []))}`;
    if (known.has(state)) return false;
    if (known.size > mostKnown) return true;
    for (const m of modules.keys()) {
      if (used[m]) continue;
      used[m] = true;
      if (canTake(m, 0, false, isOther)) return true;
      used[m] = false;
    }
    known.add(state);
    return false;
  };
  /** The same of the weights of one module from one of them on, then the others. */
  const canTake = (m: number, from: number, hasAny: boolean, isOther: boolean): boolean => {
    if (from === modules[m].length) return hasAny && canFill(isOther);
    if (tries++ > mostTries) return true;
    const weight = modules[m][from];
    for (const [g, { members }] of groups.entries()) {
      const member = members.at(taken[g]);
      if (taken[g] === members.length || !member || !fits(member, weight)) continue;
      taken[g]++;
      const isFound = canTake(m, from + 1, true, isOther || owners.get(member.key) !== weight);
      taken[g]--;
      if (isFound) return true;
    }
    return canTake(m, from + 1, hasAny, isOther);
  };
  return canFill(false);
}
