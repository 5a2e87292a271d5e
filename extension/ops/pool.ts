import type { PoolNode } from '../model/windowNodes.ts';
import { checkRank, type ShapeRule } from './shape.ts';
import { freezeAxes, needed, type UnitRule } from './units.ts';
import { placesLeft, windowRanks } from './windows.ts';

/** x [B,…,T,C] to [B,…,T',C], or [B,…,H,W,C] to [B,…,H',W',C]. */
export const poolShape: ShapeRule<PoolNode> = (node, [x]) => {
  checkRank(node, x, windowRanks(node));
  return [[...placesLeft(node, x.slice(0, -1)), x.at(-1) ?? null]];
};

/** Every unit by itself; of steps that are all 0 the largest and the mean are 0, too. */
export const poolUnits: UnitRule<PoolNode> = (node, [{ axes }], trace) => {
  const moved = node.rows ? -3 : -2;
  freezeAxes(axes.slice(moved, -1), needed(node), trace);
  return [[...axes.slice(0, moved), ...axes.slice(moved, -1).map(() => undefined), axes.at(-1)]];
};
