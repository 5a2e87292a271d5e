import { wholeView } from '../model/gateView.ts';
import type { ConvNode } from '../model/windowNodes.ts';
import { checkRank, checkWeight, checkWidth, misfit, type ShapeRule } from './shape.ts';
import { met, needed, onlyLast, shared, type UnitRule, unmoved } from './units.ts';
import { placesLeft, windowRanks } from './windows.ts';

/** x [B,…,T,C] to [B,…,T',F], or [B,…,H,W,C] to [B,…,H',W',F]. */
export const convShape: ShapeRule<ConvNode> = (node, [x]) => {
  const { taps, groups, bias } = node;
  const [{ rows: filters, columns }] = taps;
  checkRank(node, x, windowRanks(node));
  checkWidth(node, x, columns * groups);
  if (bias) checkWeight(node, bias, [filters]);
  if (filters % groups !== 0)
    throw misfit(node, taps[0].parameter.shape, { code: 'expectedGroups', args: { count: groups } });
  return [[...placesLeft(node, x.slice(0, -1)), filters]];
};

/** Every window reads the units along the channels; its outputs are units of its own. In groups, none of either can go. */
export const convUnits: UnitRule<ConvNode> = (node, [x], trace) => {
  const { taps, bias, groups } = node;
  const { parameter: weight, rows: filters } = taps[0];
  const slots = trace.slotsOf(weight, filters, 'filters', shared(node));
  const channels = onlyLast(node, x.axes, trace);
  if (groups > 1) {
    if (channels) trace.freeze(channels.slots, needed(node));
    trace.freeze(slots, needed(node));
  }
  const columns = groups > 1 ? undefined : channels;
  trace.read(weight, { views: taps, makers: taps, rows: slots, columns, recurrent: false }, met(node));
  if (bias) trace.own(bias, [{ view: wholeView(bias), slots, added: true }], shared(node));
  return [[...x.axes.slice(1).map(() => undefined), unmoved(slots)]];
};
