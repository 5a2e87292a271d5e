import type { Slot, UnitTrace } from '../../ops/unitTrace.ts';
import { isMadeOf, type ReadingStructure, reads, type Structure } from './structure.ts';

/**
 * Units without which every output of the model stays as it is, each by the slot that stands for it: nothing that an output depends
 * on reads them, or they are 0 at every step wherever they are read.
 */
export function removableSlots(trace: UnitTrace, structure: Structure): Set<Slot> {
  const zero = zeroSlots(trace, structure);
  const live = liveSlots(trace, structure, zero);
  return new Set(trace.roots().filter((slot) => !live.has(slot)));
}

/**
 * Units that are 0 from beginning to end. All are taken to be so until something else than 0 goes into one; what is left is right by
 * induction over the steps, since a unit's state begins at 0 and stays there as long as its candidate does.
 */
function zeroSlots(trace: UnitTrace, { readings, raised }: Structure): Set<Slot> {
  const zero = new Set(trace.roots());
  for (const slots of [trace.moved, raised]) for (const slot of slots) zero.delete(trace.find(slot));
  for (let before = -1; before !== zero.size; ) {
    before = zero.size;
    for (const one of readings) {
      for (const [r, slot] of (one.reading.rows ?? []).entries()) {
        const unit = trace.find(slot);
        if (zero.has(unit) && !isZeroRow(one, r, zero, trace)) zero.delete(unit);
      }
    }
  }
  return zero;
}

function isZeroRow(one: ReadingStructure, r: number, zero: ReadonlySet<Slot>, trace: UnitTrace): boolean {
  for (let c = 0; c < one.width; c++)
    if (isMadeOf(one, r, c) && !isZeroColumn(one, c, zero, trace)) return false;
  return true;
}

function isZeroColumn(
  { reading: { columns } }: ReadingStructure,
  c: number,
  zero: ReadonlySet<Slot>,
  trace: UnitTrace,
): boolean {
  return columns !== undefined && columns.keepsZero[c] === 1 && zero.has(trace.find(columns.slots[c]));
}

/** Units that something depends on: those that cannot go, and whatever is read by one that is live and is not 0. */
function liveSlots(trace: UnitTrace, { readings }: Structure, zero: ReadonlySet<Slot>): Set<Slot> {
  const live = new Set<Slot>();
  const waiting: Slot[] = [];
  const enliven = (slot: Slot) => {
    const unit = trace.find(slot);
    if (live.has(unit)) return;
    live.add(unit);
    waiting.push(unit);
  };
  const readRow = (one: ReadingStructure, r: number) => {
    const { columns } = one.reading;
    for (const [c, slot] of (columns?.slots ?? []).entries())
      if (reads(one, r, c) && !isZeroColumn(one, c, zero, trace)) enliven(slot);
  };
  const rowsOf = new Map<Slot, { one: ReadingStructure; r: number }[]>();
  for (const one of readings) {
    const { rows } = one.reading;
    if (!rows) for (let r = 0; r < one.height; r++) readRow(one, r);
    for (const [r, slot] of (rows ?? []).entries()) {
      const unit = trace.find(slot);
      const own = rowsOf.get(unit) ?? [];
      own.push({ one, r });
      rowsOf.set(unit, own);
    }
  }
  for (const slot of trace.roots()) if (trace.reason(slot)) enliven(slot);
  for (const { slots } of trace.contractions)
    for (const slot of slots) if (!zero.has(trace.find(slot))) enliven(slot);
  for (let unit = waiting.pop(); unit !== undefined; unit = waiting.pop())
    for (const { one, r } of rowsOf.get(unit) ?? []) readRow(one, r);
  return live;
}
