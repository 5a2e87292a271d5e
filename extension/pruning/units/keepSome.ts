import type { Model } from '../../model/model.ts';
import type { RecurrentLayer } from '../../model/recurrentLayer.ts';
import { layerSlots, outputSlots } from '../../ops/recurrent.ts';
import type { Slot, UnitTrace } from '../../ops/unitTrace.ts';
import type { PlacedAxis } from './placedAxes.ts';

/** Layers that keep all their units, though some could go, because the file has one size for them and for layers of which none can. */
export interface HeldLayers {
  readonly layers: readonly string[];
  readonly others: readonly string[];
}

/**
 * Takes units back that were to be removed: the last one of an axis of which nothing would be left, as many as layers of one size
 * lack of each other, and one more than a projection puts out where the file must have it so. What is taken back is still read by
 * nobody, so the outputs do not change.
 * Gives the layers that no unit leaves for the sake of others.
 */
export function keepSome(
  removed: Set<Slot>,
  placed: readonly PlacedAxis[],
  {
    layers: all,
    equalSizes = [],
    narrowProjections,
  }: Pick<Model, 'layers' | 'equalSizes' | 'narrowProjections'>,
  trace: UnitTrace,
): HeldLayers[] {
  for (const { slots } of placed) takeBack(slots, 1, removed, trace);
  const isWhole = (layer: RecurrentLayer) =>
    layerSlots(layer, trace).every((slot) => !removed.has(trace.find(slot)));
  const whole = new Set(equalSizes.flat().filter(isWhole));
  const projected = narrowProjections ? all.filter(({ projection }) => projection) : [];
  for (let before = -1; before !== removed.size; ) {
    before = removed.size;
    for (const layer of projected)
      takeBack(
        layerSlots(layer, trace),
        stays(outputSlots(layer, trace), removed, trace) + 1,
        removed,
        trace,
      );
    for (const layers of equalSizes) {
      for (const slotsOf of [layerSlots, outputSlots]) {
        const axes = layers.map((layer) => slotsOf(layer, trace));
        const most = Math.max(...axes.map((slots) => stays(slots, removed, trace)));
        for (const slots of axes) takeBack(slots, most, removed, trace);
      }
    }
  }
  return equalSizes.flatMap((layers): HeldLayers[] => {
    const held = layers.filter((layer) => isWhole(layer) && !whole.has(layer));
    const others = layers.filter((layer) => whole.has(layer));
    return held.length > 0 && others.length > 0
      ? [{ layers: held.map(nameOf), others: others.map(nameOf) }]
      : [];
  });
}

function nameOf({ name }: RecurrentLayer): string {
  return name;
}

function stays(slots: Int32Array, removed: ReadonlySet<Slot>, trace: UnitTrace): number {
  return slots.filter((slot) => !removed.has(trace.find(slot))).length;
}

/** At least `count` places of an axis stay; the last of the removed ones come back. */
function takeBack(slots: Int32Array, count: number, removed: Set<Slot>, trace: UnitTrace): void {
  for (let i = slots.length - 1; i >= 0 && stays(slots, removed, trace) < count; i--)
    removed.delete(trace.find(slots[i]));
}
