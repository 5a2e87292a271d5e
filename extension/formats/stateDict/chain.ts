import { isRecurrent, type Link } from './links.ts';

/** So many modules may follow each other in the file's order; other orders are sought among fewer, and in so many steps at most. */
const mostInOrder = 500;
const mostModules = 24;
const mostSteps = 20_000;

/** In which order modules follow each other; `none` or `several` where the widths fit in no order, or do not decide it. */
export type Chain = readonly Link[] | 'none' | 'several';

/**
 * The one order in which every module takes what the one before it gives.
 * @param links for each module what it can be
 * @param inOrder the modules were made in this order, which is how they follow each other if they can
 */
export function chainOf(links: readonly (readonly Link[])[], inOrder: boolean): Chain {
  if (inOrder && links.length <= mostInOrder) {
    const asMade = follow(links, ([first]) => (first === undefined ? [] : [first]));
    if (asMade.length === 1) return asMade[0];
    if (asMade.length > 1) return 'several';
  }
  if (links.length > mostModules) return 'several';
  const all = follow(links, (left) =>
    left.filter((link) => left.every((other) => !comesBefore(other, link))),
  );
  // What gets features ready for a recurrent layer is rarer than what reads its outputs.
  const plain = all.filter(recurrentFirst);
  const chains = plain.length > 0 ? plain : all;
  return chains.length === 1 ? chains[0] : chains.length === 0 ? 'none' : 'several';
}

type Candidates = readonly Link[];

/** All orders that fit, two at most of those that differ; `choices` says which of the modules that are left may come next. */
function follow(
  links: readonly Candidates[],
  choices: (left: readonly Candidates[]) => readonly Candidates[],
): Link[][] {
  const found: Link[][] = [];
  let steps = 0;
  const extend = (chain: readonly Link[], left: readonly Candidates[]): void => {
    if (left.length === 0) found.push([...chain]);
    if (steps++ > mostSteps || found.length > 100) return;
    for (const candidates of choices(left))
      for (const link of candidates)
        if (fits(chain.at(-1), link))
          extend(
            [...chain, link],
            left.filter((other) => other !== candidates),
          );
  };
  extend([], links);
  // Where the search was broken off, nothing is certain.
  return steps > mostSteps && found.length === 1 ? [...found, ...found] : found;
}

function fits(before: Link | undefined, { kind, from }: Link): boolean {
  if (kind === 'embedding') return before === undefined;
  return before === undefined || before.to === from;
}

/** Modules that differ by a number in their names alone, `lstm1` and `lstm2`, come in the order of the numbers. */
function comesBefore([a]: Candidates, [b]: Candidates): boolean {
  if (!a || !b || a === b || a.kind !== b.kind || stemOf(a.name) !== stemOf(b.name)) return false;
  const [one, other] = [numbersIn(a.name), numbersIn(b.name)];
  const at = one.findIndex((n, i) => n !== other[i]);
  return at !== -1 && one[at] < other[at];
}

function stemOf(name: string): string {
  return name.replace(/\d+/g, '#');
}

function numbersIn(name: string): number[] {
  return (name.match(/\d+/g) ?? []).map(Number);
}

function recurrentFirst(chain: readonly Link[]): boolean {
  const kinds = chain.map(({ kind }) => kind);
  const last = chain.findLastIndex(isRecurrent);
  return !kinds.slice(0, last).includes('linear');
}
