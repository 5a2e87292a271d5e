import type { GateView } from '../../model/gateView.ts';
import type { Model } from '../../model/model.ts';
import type { RecurrentLayer } from '../../model/recurrentLayer.ts';
import { layerSlots } from '../../ops/recurrent.ts';
import { type TracedModel, traceUnits } from '../../ops/traceUnits.ts';
import type { Slot, UnitTrace } from '../../ops/unitTrace.ts';
import { type PlacedAxis, placedAxes } from './placedAxes.ts';
import type { UnitPlace, UnitSet } from './unitSet.ts';

/** The sets of hidden units of a model, in the order of its layers. Each unit is in one set. */
export function unitSetsOf(
  model: Pick<Model, 'graph' | 'layers' | 'parameters' | 'notEvaluable'>,
): UnitSet[] {
  return setsIn(traceUnits(model), model.layers).map(({ set }) => set);
}

/** A set with the slots that stand for its units. */
export interface SolvedSet {
  readonly set: UnitSet;
  readonly units: readonly Slot[];
}

/**
 * Units one after another belong to one set as long as they lie beside each other, or equally far apart, in everything that
 * they own: then one view a place shows them all.
 */
export function setsIn({ trace }: TracedModel, layers: readonly RecurrentLayer[]): SolvedSet[] {
  const axes = placedAxes(trace);
  const owned = occurrences(axes, trace);
  const seen = new Set<Slot>();
  const runs: Run[] = [];
  for (const layer of layers) {
    let run: Run | undefined;
    for (const slot of layerSlots(layer, trace)) {
      const unit = trace.find(slot);
      if (seen.has(unit)) {
        run = undefined;
        continue;
      }
      seen.add(unit);
      const places = owned.get(unit) ?? [];
      if (run && continues(run, places, unit, trace)) {
        run.steps ??= stepsFrom(run.first, places);
        run.units.push(unit);
        run.last = places;
      } else {
        run = { units: [unit], first: places, last: places };
        runs.push(run);
      }
    }
  }
  return runs.map((run) => ({ set: setOf(run, axes, trace), units: run.units }));
}

/** One place of a unit: the index along an axis of a view. */
interface Occurrence {
  readonly axis: number;
  readonly index: number;
}

interface Run {
  readonly units: Slot[];
  readonly first: readonly Occurrence[];
  last: readonly Occurrence[];
  /** How far the next unit is, of each place; known from the second unit on. */
  steps?: readonly number[];
}

function continues(run: Run, places: readonly Occurrence[], unit: Slot, trace: UnitTrace): boolean {
  const { last, steps, units } = run;
  return (
    places.length === last.length &&
    places.every(
      ({ axis, index }, i) => axis === last[i].axis && (!steps || index - last[i].index === steps[i]),
    ) &&
    JSON.stringify(trace.reason(unit)) === JSON.stringify(trace.reason(units[0]))
  );
}

function stepsFrom(first: readonly Occurrence[], second: readonly Occurrence[]): number[] {
  return second.map(({ index }, i) => index - first[i].index);
}

function occurrences(axes: readonly PlacedAxis[], trace: UnitTrace): Map<Slot, Occurrence[]> {
  const found = new Map<Slot, Occurrence[]>();
  for (const [axis, { slots }] of axes.entries()) {
    for (const [index, slot] of slots.entries()) {
      const unit = trace.find(slot);
      const own = found.get(unit) ?? [];
      own.push({ axis, index });
      found.set(unit, own);
    }
  }
  return found;
}

function setOf({ units, first, steps = [] }: Run, axes: readonly PlacedAxis[], trace: UnitTrace): UnitSet {
  const places = first.map(({ axis, index }, i): UnitPlace => {
    const { view, axis: along, part } = axes[axis];
    return { view: partOf(view, along, index, steps[i] ?? 1, units.length), axis: along, part };
  });
  const layers = new Set(first.flatMap(({ axis }) => axes[axis].layer ?? []));
  const frozen = trace.reason(units[0]);
  return { size: units.length, layers: [...layers], places, ...(frozen && { frozen }) };
}

/** `count` rows or columns of a view, `step` apart. */
function partOf(view: GateView, axis: 'row' | 'column', from: number, step: number, count: number): GateView {
  const { offset, rowStride, columnStride } = view;
  return axis === 'row'
    ? { ...view, rows: count, offset: offset + from * rowStride, rowStride: step * rowStride }
    : { ...view, columns: count, offset: offset + from * columnStride, columnStride: step * columnStride };
}
