import type { ValueName } from '../../model/graph.ts';
import type { Model } from '../../model/model.ts';
import type { RecurrentLayer } from '../../model/recurrentLayer.ts';
import type { ShapeChange, Shrinking, ShrunkLayer } from '../../model/shrinking.ts';
import { layerSlots } from '../../ops/recurrent.ts';
import type { TracedModel } from '../../ops/traceUnits.ts';
import type { Slot, UnitTrace } from '../../ops/unitTrace.ts';
import { type HeldLayers, keepSome } from './keepSome.ts';
import { keptIndices } from './keptIndices.ts';
import type { PlacedAxis } from './placedAxes.ts';

/** What stays of a model; without `shrinking` that is all of it. */
export interface Remaining {
  readonly shrinking?: Shrinking;
  readonly held: readonly HeldLayers[];
}

/**
 * What stays of a model without some hidden units. Of every layer at least one unit stays, and layers
 * whose size the file states once keep the same number: those come back.
 * @param removed by the slots that stand for them; loses what comes back
 */
export function withoutUnits(
  removed: Set<Slot>,
  traced: TracedModel,
  axes: readonly PlacedAxis[],
  model: Pick<Model, 'layers' | 'equalSizes' | 'narrowProjections'>,
): Remaining {
  const { trace } = traced;
  const held = keepSome(removed, axes, model, trace);
  const layers = model.layers.flatMap((layer) => shrunk(layer, removed, trace));
  if (layers.length === 0) return { held };
  const parameters = keptIndices(axes, removed, trace);
  return { shrinking: { parameters, values: shapeChanges(traced, removed), layers }, held };
}

function shrunk(layer: RecurrentLayer, removed: ReadonlySet<Slot>, trace: UnitTrace): ShrunkLayer[] {
  const { name, hiddenSize: before } = layer;
  const after = layerSlots(layer, trace).filter((slot) => !removed.has(trace.find(slot))).length;
  return after === before ? [] : [{ name, before, after }];
}

function shapeChanges(
  { trace, values }: TracedModel,
  removed: ReadonlySet<Slot>,
): Map<ValueName, ShapeChange> {
  const changes = [...values].map(([name, { shape: before, axes }]) => {
    const lost = axes.map(
      (units) => units?.slots.filter((slot) => removed.has(trace.find(slot))).length ?? 0,
    );
    const after = before.map((length, axis) => (length === null ? null : length - lost[axis]));
    return [name, { before, after }] as const;
  });
  return new Map(changes);
}
