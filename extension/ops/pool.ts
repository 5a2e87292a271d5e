import type { PoolNode } from '../model/windowNodes.ts';
import { checkRank, type ShapeRule } from './shape.ts';
import { freezeAxes, needed, type UnitRule } from './units.ts';
import { windowPlaces } from './windows.ts';

/** x [B,…,T,C] to [B,…,T',C]. */
export const poolShape: ShapeRule<PoolNode> = (node, [x]) => {
  checkRank(node, x, [3, 4]);
  const steps = x.at(-2) ?? null;
  return [x.with(-2, steps === null ? null : windowPlaces(node, steps, node.size).count)];
};

/** Every unit by itself; of steps that are all 0 the largest and the mean are 0, too. */
export const poolUnits: UnitRule<PoolNode> = (node, [{ axes }], trace) => {
  freezeAxes([axes.at(-2)], needed(node), trace);
  return [axes.with(-2, undefined)];
};
