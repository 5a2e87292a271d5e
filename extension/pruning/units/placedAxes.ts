import type { RecurrentLayer } from '../../model/recurrentLayer.ts';
import type { Entries, Reading, UnitTrace } from '../../ops/unitTrace.ts';
import type { UnitPlace } from './unitSet.ts';

/** One axis of weights, with the slot at each place along it. */
export interface PlacedAxis extends UnitPlace {
  readonly slots: Int32Array;
  readonly layer: RecurrentLayer | undefined;
}

/** Everything along which units own weights. */
export function placedAxes({ readings, entries }: UnitTrace): PlacedAxis[] {
  return [...readings.flatMap(readingAxes), ...entries.flatMap(entryAxes)];
}

function readingAxes({ views, rows, columns, layer, recurrent }: Reading): PlacedAxis[] {
  return views.flatMap((view) => [
    ...(rows ? [{ view, axis: 'row', part: layer ? 'own' : 'tied', slots: rows, layer } as const] : []),
    ...(columns
      ? [
          {
            view,
            axis: 'column',
            part: recurrent ? 'own' : 'consumer',
            slots: columns.slots,
            layer: undefined,
          } as const,
        ]
      : []),
  ]);
}

function entryAxes({ view, slots, added, layer }: Entries): PlacedAxis[] {
  if (!slots) return [];
  return [{ view, axis: 'row', part: layer ? 'own' : added ? 'tied' : 'consumer', slots, layer }];
}
