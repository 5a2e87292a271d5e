import { isOverlap, type LossOptions } from '../../model/loss.ts';
import type { LossName } from '../../protocol/losses.ts';

/**
 * The options of a loss that a file takes along some axes of outputs of so many, as what is computed has them; undefined where it has none
 * of that: most losses are of the last axis, Dice's and Tversky's of that, of each sample or of all.
 */
export function alongAxes(
  name: LossName,
  given: LossOptions | undefined,
  rank: number,
): { readonly options?: LossOptions } | undefined {
  const { axes, ...others } = given ?? {};
  const options = Object.keys(others).length > 0 ? { options: others } : {};
  if (!axes) return options;
  const along = new Set(axes.map((axis) => (axis < 0 ? axis + rank : axis)));
  const isLast = along.size === 1 && along.has(rank - 1);
  if (!isOverlap(name)) return isLast ? options : undefined;
  if ([...along].some((axis) => axis < 0 || axis >= rank)) return undefined;
  if (along.size === rank) return options;
  if (isLast) return { options: { ...others, over: 'row' } };
  return along.size === rank - 1 && !along.has(0) ? { options: { ...others, over: 'sample' } } : undefined;
}
