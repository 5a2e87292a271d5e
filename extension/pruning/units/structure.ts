import { gathered } from '../../model/gateView.ts';
import type { Parameter } from '../../model/parameter.ts';
import type { Reading, Slot, UnitTrace } from '../../ops/unitTrace.ts';

/** The values that a saved model would have. */
export type ValuesOf = (parameter: Parameter) => Promise<Float32Array>;

/** Which units read which: the places of nonzero weights. Units are numbered by the slots that stand for them. */
export interface ReadingStructure {
  /** The units of the rows; undefined where what reads is part of none. */
  readonly rows: Int32Array | undefined;
  /** Those of the columns. */
  readonly columns: Int32Array | undefined;
  /** 1: the column is 0 wherever its unit is. */
  readonly keepsZero: Uint8Array;
  readonly height: number;
  readonly width: number;
  /** [height, width]; `read` where any view has a weight, and `made` where one of its makers has. */
  readonly weights: Uint8Array;
}

export const read = 1;
export const made = 2;

export interface Structure {
  readonly readings: readonly ReadingStructure[];
  /** Slots to which something other than 0 is added. */
  readonly raised: ReadonlySet<Slot>;
}

/** Reads all weights by which units are made or read, one tensor at a time. */
export async function structureOf(
  trace: UnitTrace,
  valuesOf: ValuesOf,
  step?: () => Promise<void>,
): Promise<Structure> {
  const readings: ReadingStructure[] = [];
  for (const reading of trace.readings) readings.push(await readingStructure(reading, trace, valuesOf, step));
  return { readings, raised: await raisedSlots(trace, valuesOf, step) };
}

async function readingStructure(
  { views, makers, rows, columns }: Reading,
  trace: UnitTrace,
  valuesOf: ValuesOf,
  step?: () => Promise<void>,
): Promise<ReadingStructure> {
  const [{ rows: height, columns: width }] = views;
  const weights = new Uint8Array(height * width);
  for (const parameter of new Set(views.map((view) => view.parameter))) {
    await step?.();
    const values = await valuesOf(parameter);
    for (const view of views) {
      if (view.parameter !== parameter) continue;
      const flags = makers.includes(view) ? read | made : read;
      const matrix = gathered(view, values);
      for (let i = 0; i < matrix.length; i++) if (matrix[i] !== 0) weights[i] |= flags;
    }
  }
  const units = (slots: Int32Array | undefined) => slots?.map((slot) => trace.find(slot));
  const keepsZero = columns?.keepsZero ?? new Uint8Array(width);
  return { rows: units(rows), columns: units(columns?.slots), keepsZero, height, width, weights };
}

async function raisedSlots(
  { entries }: UnitTrace,
  valuesOf: ValuesOf,
  step?: () => Promise<void>,
): Promise<Set<Slot>> {
  const raised = new Set<Slot>();
  for (const { view, slots, added } of entries) {
    if (!added || !slots) continue;
    await step?.();
    const values = gathered(view, await valuesOf(view.parameter));
    for (let i = 0; i < values.length; i++)
      if (values[i] !== 0) raised.add(slots[Math.floor(i / view.columns)]);
  }
  return raised;
}
