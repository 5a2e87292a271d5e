import type { PoolNode } from '../model/windowNodes.ts';
import { checkRank, type ShapeRule } from './shape.ts';
import { freezeAxes, needed, type UnitRule } from './units.ts';
import { windowPlaces } from './windows.ts';

/** x [B,T,C] to [B,T',C]. */
export const poolShape: ShapeRule<PoolNode> = (node, [x]) => {
  checkRank(node, x, [3]);
  return [[x[0], x[1] === null ? null : windowPlaces(node, x[1], node.size).count, x[2]]];
};

/** Every unit by itself; of steps that are all 0 the largest and the mean are 0, too. */
export const poolUnits: UnitRule<PoolNode> = (node, [{ axes }], trace) => {
  freezeAxes([axes[1]], needed(node), trace);
  return [[undefined, undefined, axes[2]]];
};
