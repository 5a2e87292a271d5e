import type { GateView } from '../../model/gateView.ts';
import { sizeOf } from '../../model/parameter.ts';
import type { KeptIndices } from '../../model/shrinking.ts';
import type { Slot, UnitTrace } from '../../ops/unitTrace.ts';
import type { PlacedAxis } from './placedAxes.ts';

/** What stays of each tensor, by its name, where some of it goes. */
export function keptIndices(
  axes: readonly PlacedAxis[],
  removed: ReadonlySet<Slot>,
  trace: UnitTrace,
): Map<string, KeptIndices> {
  const gone = new Map<string, { shape: readonly number[]; axes: Set<number>[] }>();
  for (const { view, axis, slots } of axes) {
    const { name, shape } = view.parameter;
    for (const [i, slot] of slots.entries()) {
      if (!removed.has(trace.find(slot))) continue;
      const own = gone.get(name) ?? { shape, axes: shape.map(() => new Set<number>()) };
      gone.set(name, own);
      const place = placeOf(view, axis, i);
      own.axes[place.axis].add(place.index);
    }
  }
  return new Map(
    [...gone].map(([name, own]) => [name, own.shape.map((length, axis) => rest(length, own.axes[axis]))]),
  );
}

function rest(length: number, gone: ReadonlySet<number>): number[] | null {
  return gone.size === 0 ? null : [...Array(length).keys()].filter((index) => !gone.has(index));
}

/**
 * Along which axis of its tensor a view's rows or columns lie, and where the i-th of them is: the axis by one index of which the
 * view's stride goes on.
 */
function placeOf(
  { parameter: { shape, name }, offset, ...view }: GateView,
  along: 'row' | 'column',
  i: number,
) {
  const stride = along === 'row' ? view.rowStride : view.columnStride;
  const axis = shape.findIndex((length, k) => length > 1 && strideOf(shape, k) === stride);
  if (axis === -1) throw new Error(`the units of ${name} do not lie along an axis`);
  const index = Math.floor(offset / stride) % shape[axis];
  return { axis, index: index + i };
}

/** How far apart neighbours along an axis are in row-major order. */
function strideOf(shape: readonly number[], axis: number): number {
  return sizeOf(shape.slice(axis + 1));
}
