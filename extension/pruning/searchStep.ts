/** One division of an overall sparsity that was tried. */
export interface TriedLevel<Family extends string> {
  readonly family: Family;
  /** Share of the prunable weights that was to stay. */
  readonly remaining: number;
  readonly within: boolean;
  /** Infinite where there is none. */
  readonly loss: number;
}

export type Level<Family extends string> = Pick<TriedLevel<Family>, 'family' | 'remaining'>;

/** What a search has to go on. */
export interface SearchState<Family extends string> {
  /** How sparsities are divided; the second, where there is one, is what the first is compared with. */
  readonly families: readonly [Family, Family?];
  /** Share of the prunable weights that the model has as it is, which costs nothing. */
  readonly present: number;
  readonly tried: readonly TriedLevel<Family>[];
  /** Further trials that there is room for. */
  readonly left: number;
}

/** What the first trial leaves of the model. */
const firstStep = 10;
/** What of a dense model the first trial prunes. */
export const firstSparsity = 1 - 1 / firstStep;
/** As long as every trial was within the budget the next leaves so much less. */
const nextStep = Math.sqrt(10);
/** The same of what is compared, which begins where the other ended. */
const comparedStep = 1.25;
/** The limit is known where no more than this lies between what is within and what is not; training varies about as much. */
const settled = 1.05;
/** Less than this is not tried. */
const least = 1e-4;

/**
 * What a search for the sparsest model within a budget tries next, given all that it tried: what remains by bisection of its logarithm,
 * first a tenth of the model and on by steps until a trial is beyond the budget; then the second family at the best level, and where that
 * has the lower loss there, further down by it. Depends on nothing else, so that a search that was broken off is taken up by what it had
 * tried.
 * @returns undefined where the limit is known well enough, or there is no room
 */
export function searchStep<Family extends string>(state: SearchState<Family>): Level<Family> | undefined {
  const { families, present, tried, left } = state;
  if (left < 1) return undefined;
  const [family, other] = families;
  const own = tried.filter((one) => one.family === family);
  const compared = tried.filter((one) => one.family === other);
  // The last trial compares, but only once there is a level within the budget to compare at.
  const isKept = left < 2 && own.some(({ within }) => within);
  if (other === undefined || (compared.length === 0 && !isKept)) {
    const remaining = bisected(own, present, own.length === 0 ? firstStep : nextStep);
    if (remaining !== undefined) return { family, remaining };
  }
  if (other === undefined) return undefined;
  const best = bestOf(own);
  const [first] = compared;
  if (first === undefined) return { family: other, remaining: best.remaining };
  const goesOn = first.within && (!best.within || first.loss < best.loss);
  const remaining = goesOn ? bisected(compared, first.remaining, comparedStep) : undefined;
  return remaining === undefined ? undefined : { family: other, remaining };
}

/** Between the sparsest that is within the budget and the first that is not, or a step further; undefined where that is near enough. */
function bisected(tried: readonly TriedLevel<string>[], present: number, step: number): number | undefined {
  const remaining = (within: boolean) =>
    tried.filter((one) => one.within === within).map((one) => one.remaining);
  const low = Math.min(present, ...remaining(true));
  const beyond = Math.max(0, ...remaining(false).filter((share) => share < low));
  if (beyond > 0) return low / beyond > settled ? Math.sqrt(low * beyond) : undefined;
  return low / step >= least ? low / step : undefined;
}

/** The sparsest within the budget; where none is, the one with the lowest loss. */
function bestOf<T extends TriedLevel<string>>(tried: readonly T[]): T {
  const within = tried.filter((one) => one.within);
  return within.length > 0
    ? within.reduce((best, one) => (one.remaining < best.remaining ? one : best))
    : tried.reduce((best, one) => (one.loss < best.loss ? one : best));
}
