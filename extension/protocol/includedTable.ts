import type { Say } from './labels.ts';
import type { Numbers } from './numbers.ts';
import type { PruneReport } from './report.ts';

export interface IncludedTable {
  readonly head: readonly string[];
  /** The name of a tensor, its weights, and the shares that are 0 before and after. */
  readonly rows: readonly (readonly [string, ...string[]])[];
}

/** What else was pruned because the recipe includes it by name; undefined where there is none. */
export function includedTable(
  { before, after }: Pick<PruneReport, 'before' | 'after'>,
  say: Say,
  numbers: Numbers,
): IncludedTable | undefined {
  if (!before.included) return undefined;
  return {
    head: (['tensor', 'sizeOfTensor', 'zeroBefore', 'zeroNow'] as const).map((label) => say(label)),
    rows: before.included.map(({ name, size, sparsity }) => {
      const now = after.included?.find((tensor) => tensor.name === name);
      const share = now ? numbers.percent(now.sparsity) : say('notMeasured');
      return [name, numbers.count(size), numbers.percent(sparsity), share];
    }),
  };
}
