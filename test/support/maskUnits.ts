import { sizeOf } from '../../extension/model/parameter.ts';
import type { UnitPlace, UnitSet } from '../../extension/pruning/units/unitSet.ts';
import { wholeBelow } from './random.ts';

/** What of a unit is masked: everything, what makes it, so that it is 0 where its cell keeps 0, or what reads it. */
export type MaskedPart = 'all' | 'makers' | 'readers';

export function maskUnit({ places }: UnitSet, unit: number, part: MaskedPart = 'all'): void {
  for (const place of places) if (isMasked(place, part)) maskPlace(place, unit);
}

function isMasked({ axis, part: owner }: UnitPlace, part: MaskedPart): boolean {
  if (part === 'all') return true;
  return part === 'makers' ? axis === 'row' && owner !== 'consumer' : axis === 'column';
}

function maskPlace({ view, axis }: UnitPlace, unit: number): void {
  const { parameter, rows, columns, offset, rowStride, columnStride } = view;
  parameter.mask ??= new Uint8Array(sizeOf(parameter.shape)).fill(1);
  const mask = parameter.mask;
  const others = axis === 'row' ? columns : rows;
  for (let i = 0; i < others; i++) {
    const [r, c] = axis === 'row' ? [unit, i] : [i, unit];
    mask[offset + r * rowStride + c * columnStride] = 0;
  }
}

/** Masks a part of random units, half of the units of each set that can lose some. */
export function maskHalf(sets: readonly UnitSet[], next: () => number, part: MaskedPart = 'all'): void {
  for (const set of sets) {
    if (set.frozen) continue;
    const units = [...Array(set.size).keys()];
    while (units.length > Math.ceil(set.size / 2))
      maskUnit(set, units.splice(wholeBelow(units.length, next), 1)[0], part);
  }
}
