import { fillOtherwise, fits } from './moduleOrders.ts';

/** The parameters of an optimizer, as one of its groups lists them. */
export interface ParameterGroup {
  /** For each its number in the optimizer's state, and what is known of its shape: that of a moment. */
  readonly members: readonly GroupMember[];
}

export interface GroupMember {
  readonly key: unknown;
  readonly shape?: readonly number[];
  /** Of an optimizer that was made from `named_parameters()`. */
  readonly name?: string;
}

interface Weight {
  readonly name: string;
  readonly shape: readonly number[];
}

/** Weights that are dealt out among several groups, and how far that is looked into. */
const mostDivided = 2000;
const mostStates = 100_000;
const mostChoices = 1_000_000;

/**
 * Which weight each of an optimizer's parameters is: by its name, else by the order, since whoever divides the weights of a model among
 * groups, such as those with and without weight decay, goes through them in the order of the model. Whoever makes a group of each weight
 * does so in one go, forwards or, for learning rates that fall towards the inputs, backwards. Weights may be left out, as those that are
 * frozen; which ones, the shapes of the others say, unless these fit another order of whole modules, too: whoever chooses modules may name
 * them in any. Undefined where shapes leave no way of doing so, or several.
 * @param weights all that may be trained, in the order of the model
 */
export function momentOwners<W extends Weight>(
  groups: readonly ParameterGroup[],
  weights: readonly W[],
): Map<unknown, W> | undefined {
  const members = groups.flatMap((group) => group.members);
  if (members.length > weights.length || new Set(members.map(({ key }) => key)).size !== members.length)
    return undefined;
  const named = byName(members, weights);
  if (named || members.length === weights.length) return named ?? byOrder(groups, weights);
  const dealt = dealOut(groups, weights);
  return !dealt || dealt === 'several' || fillOtherwise(groups, weights, dealt) ? undefined : dealt;
}

function byName<W extends Weight>(
  members: readonly GroupMember[],
  weights: readonly W[],
): Map<unknown, W> | undefined {
  const named = new Map(weights.map((weight) => [weight.name, weight]));
  const owners = new Map<unknown, W>();
  for (const member of members) {
    const weight = named.get(member.name ?? '');
    if (!weight || !fits(member, weight)) return undefined;
    owners.set(member.key, weight);
  }
  return new Set(owners.values()).size === members.length ? owners : undefined;
}

function byOrder<W extends Weight>(
  groups: readonly ParameterGroup[],
  weights: readonly W[],
): Map<unknown, W> | undefined {
  const dealt = dealOut(groups, weights);
  if (dealt !== 'several') return dealt;
  const lone = groups.filter((group) => group.members.length === 1).flatMap((group) => group.members);
  if (lone.length < 2) return undefined;
  const others = groups.filter((group) => group.members.length !== 1);
  const found = [lone, lone.toReversed()]
    .map((members) => dealOut([...others, { members }], weights))
    .filter((way) => way !== undefined);
  return found.length === 1 && found[0] !== 'several' ? found[0] : undefined;
}

/** Of a weight that belongs to no group. */
const leftOut = -1;

/**
 * Deals the weights out, one after the other, each to the next place of one of the groups or, as many as there are more of them than
 * places, to none. Undefined where that cannot be done, `several` where it can in more than one way, or may.
 */
function dealOut<W extends Weight>(
  groups: readonly ParameterGroup[],
  weights: readonly W[],
): Map<unknown, W> | 'several' | undefined {
  const places = groups.reduce((sum, { members }) => sum + members.length, 0);
  const mostLeftOut = weights.length - places;
  const isOneWay = groups.length === 1 && mostLeftOut === 0;
  if (!isOneWay && weights.length > mostDivided) return 'several';
  const counted = new Map<string, number>();
  const mostCounted = Math.min(mostStates, mostChoices / groups.length);
  /** In how many ways the rest can be dealt out, counted up to two. */
  const ways = (taken: readonly number[], at: number): number => {
    if (at === weights.length) return 1;
    const state = [...taken, at].join();
    const known = counted.get(state);
    if (known !== undefined) return known;
    // What is not looked at may be a way, too.
    if (counted.size > mostCounted) return 2;
    let count = 0;
    for (const g of choices(taken, at)) {
      count = Math.min(2, count + ways(next(taken, g), at + 1));
      if (count === 2) break;
    }
    counted.set(state, count);
    return count;
  };
  const choices = (taken: readonly number[], at: number): number[] => {
    const fitting = [...groups.keys()].filter((g) => {
      const member = groups[g].members.at(taken[g]);
      return taken[g] < groups[g].members.length && member !== undefined && fits(member, weights[at]);
    });
    const gone = at - taken.reduce((sum, place) => sum + place, 0);
    return gone < mostLeftOut ? [...fitting, leftOut] : fitting;
  };
  let taken: readonly number[] = groups.map(() => 0);
  if (!isOneWay && ways(taken, 0) > 1) return 'several';
  const owners = new Map<unknown, W>();
  for (const [at, weight] of weights.entries()) {
    const g = choices(taken, at).find((choice) => isOneWay || ways(next(taken, choice), at + 1) > 0);
    if (g === undefined) return undefined;
    if (g !== leftOut) owners.set(groups[g].members[taken[g]].key, weight);
    taken = next(taken, g);
  }
  return owners;
}

function next(places: readonly number[], group: number): number[] {
  return places.map((place, g) => (g === group ? place + 1 : place));
}
