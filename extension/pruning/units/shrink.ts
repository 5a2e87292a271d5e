import type { Model } from '../../model/model.ts';
import type { RecurrentLayer } from '../../model/recurrentLayer.ts';
import { layerSlots } from '../../ops/recurrent.ts';
import { type TracedModel, traceUnits } from '../../ops/traceUnits.ts';
import type { Slot, UnitTrace } from '../../ops/unitTrace.ts';
import type { Message } from '../../protocol/messages.ts';
import { placedAxes } from './placedAxes.ts';
import { removableSlots } from './removable.ts';
import { structureOf, type ValuesOf } from './structure.ts';
import { setsIn } from './unitSets.ts';
import { type Remaining, withoutUnits } from './withoutUnits.ts';

export interface Shrunk extends Remaining {
  /** Recurrent layers whose units cannot go whatever their weights are, and why. */
  readonly frozen: readonly { readonly layers: readonly string[]; readonly reason: Message }[];
}

/** What of a model the units are found by. */
export type Solvable = Pick<
  Model,
  'graph' | 'layers' | 'parameters' | 'notEvaluable' | 'equalSizes' | 'narrowProjections'
>;

/**
 * Finds the hidden units without which a model with these values puts out the same, and what of its tensors stays without them. Of
 * every layer at least one unit stays, and layers whose size the file states once keep the same number.
 * @param step called between tensors; throws to stop
 */
export async function solveShrinking(
  model: Solvable,
  valuesOf: ValuesOf,
  step?: () => Promise<void>,
): Promise<Shrunk> {
  const traced = traceUnits(model);
  const { trace } = traced;
  const axes = placedAxes(trace);
  const removed = removableSlots(trace, await structureOf(trace, valuesOf, step));
  keepUntied(removed, model.layers, trace);
  return { ...withoutUnits(removed, traced, axes, model), frozen: frozenLayers(traced, model.layers) };
}

/** Outputs of dense and embedding layers go only with the hidden units that they are tied to. */
function keepUntied(removed: Set<Slot>, layers: readonly RecurrentLayer[], trace: UnitTrace): void {
  const hidden = new Set(
    layers.flatMap((layer) => [...layerSlots(layer, trace)].map((slot) => trace.find(slot))),
  );
  for (const slot of removed) if (!hidden.has(slot)) removed.delete(slot);
}

/** Layers whose units cannot go whatever their weights are, with what they are tied to, and why. */
export function frozenLayers(traced: TracedModel, layers: readonly RecurrentLayer[]): Shrunk['frozen'] {
  const found = new Map<string, { layers: string[]; reason: Message }>();
  for (const { set } of setsIn(traced, layers)) {
    const { frozen: reason } = set;
    if (!reason) continue;
    const names = set.layers.map(({ name }) => name);
    const key = JSON.stringify([names, reason]);
    if (!found.has(key)) found.set(key, { layers: names, reason });
  }
  return [...found.values()];
}
