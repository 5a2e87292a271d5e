import type { Slot, UnitTrace } from '../../ops/unitTrace.ts';
import { made, type ReadingStructure, read, type Structure } from './structure.ts';

/** A number a unit, at the slot that stands for it. */
type Flags = Uint8Array;

/**
 * Units without which every output of the model stays as it is, each by the slot that stands for it: nothing that an output depends
 * on reads them, or they are 0 at every step wherever they are read.
 */
export function removableSlots(trace: UnitTrace, structure: Structure): Set<Slot> {
  const zero = zeroUnits(trace, structure);
  const live = liveUnits(trace, structure, zero);
  return new Set(trace.roots().filter((slot) => live[slot] === 0));
}

/**
 * Units that are 0 from beginning to end. All are taken to be so until something else than 0 goes into one; what is left is right by
 * induction over the steps, since a unit's state begins at 0 and stays there as long as its candidate does.
 */
function zeroUnits(trace: UnitTrace, { readings, raised }: Structure): Flags {
  const zero = new Uint8Array(trace.size).fill(1);
  for (const slots of [trace.moved, raised]) for (const slot of slots) zero[trace.find(slot)] = 0;
  for (let changed = true; changed; ) {
    changed = false;
    for (const one of readings) {
      const { rows = new Int32Array() } = one;
      for (const [r, unit] of rows.entries()) {
        if (zero[unit] === 0 || isZeroRow(one, r, zero)) continue;
        zero[unit] = 0;
        changed = true;
      }
    }
  }
  return zero;
}

function isZeroRow(one: ReadingStructure, r: number, zero: Flags): boolean {
  for (let c = 0, at = r * one.width; c < one.width; c++, at++)
    if ((one.weights[at] & made) !== 0 && !isZeroColumn(one, c, zero)) return false;
  return true;
}

function isZeroColumn({ columns, keepsZero }: ReadingStructure, c: number, zero: Flags): boolean {
  return columns !== undefined && keepsZero[c] === 1 && zero[columns[c]] === 1;
}

/** Units that something depends on: those that cannot go, and whatever is read by one that is live and is not 0. */
function liveUnits(trace: UnitTrace, { readings }: Structure, zero: Flags): Flags {
  const live = new Uint8Array(trace.size);
  const waiting: Slot[] = [];
  const enliven = (unit: Slot) => {
    if (live[unit] === 1) return;
    live[unit] = 1;
    waiting.push(unit);
  };
  const readRow = (one: ReadingStructure, r: number) => {
    const { columns, weights, width } = one;
    if (!columns) return;
    for (let c = 0, at = r * width; c < width; c++, at++)
      if ((weights[at] & read) !== 0 && live[columns[c]] === 0 && !isZeroColumn(one, c, zero))
        enliven(columns[c]);
  };
  for (const one of readings) if (!one.rows) for (let r = 0; r < one.height; r++) readRow(one, r);
  for (const slot of trace.roots()) if (trace.reason(slot)) enliven(slot);
  for (const { slots } of trace.contractions)
    for (const slot of slots) if (zero[trace.find(slot)] === 0) enliven(trace.find(slot));
  const rows = rowsByUnit(readings);
  for (let unit = waiting.pop(); unit !== undefined; unit = waiting.pop())
    for (const { one, r } of rows.get(unit) ?? []) readRow(one, r);
  return live;
}

function rowsByUnit(
  readings: readonly ReadingStructure[],
): Map<Slot, { one: ReadingStructure; r: number }[]> {
  const found = new Map<Slot, { one: ReadingStructure; r: number }[]>();
  for (const one of readings) {
    for (const [r, unit] of (one.rows ?? new Int32Array()).entries()) {
      const own = found.get(unit) ?? [];
      own.push({ one, r });
      found.set(unit, own);
    }
  }
  return found;
}
