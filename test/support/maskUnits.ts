import type { Model } from '../../extension/model/model.ts';
import { sizeOf } from '../../extension/model/parameter.ts';
import type { UnitPlace, UnitSet } from '../../extension/pruning/units/unitSet.ts';
import { wholeBelow } from './random.ts';

/** Masks everything that a unit owns. */
export function maskUnit({ places }: UnitSet, unit: number): void {
  for (const place of places) maskPlace(place, unit);
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

/** Masks random units, a half of each set that can lose some; gives how many of each set. */
export function maskHalf(sets: readonly UnitSet[], next: () => number): number[] {
  return sets.map((set) => {
    if (set.frozen || set.size < 2) return 0;
    const units = [...Array(set.size).keys()];
    const count = Math.floor(set.size / 2);
    for (let i = 0; i < count; i++) {
      const [unit] = units.splice(wholeBelow(units.length, next), 1);
      maskUnit(set, unit);
    }
    return count;
  });
}

/** Parameters that have no mask of their own are left alone by a model that is used again. */
export function unmask({ parameters }: Model): void {
  for (const parameter of parameters) delete parameter.mask;
}
