import { type GateView, gather } from '../../model/gateView.ts';
import type { Parameter } from '../../model/parameter.ts';
import type { Reading, Slot, UnitTrace } from '../../ops/unitTrace.ts';

/** The values that a saved model would have. */
export type ValuesOf = (parameter: Parameter) => Promise<Float32Array>;

/** Which units read which: the places of nonzero weights. */
export interface ReadingStructure {
  readonly reading: Reading;
  readonly height: number;
  readonly width: number;
  /** [height, width]; 1 where any view has a weight, 2 more where one of its makers has. */
  readonly weights: Uint8Array;
}

export interface Structure {
  readonly readings: readonly ReadingStructure[];
  /** Slots to which something other than 0 is added. */
  readonly raised: ReadonlySet<Slot>;
}

const any = 1;
const maker = 2;

/** Reads all weights by which units are made or read, one parameter at a time. */
export async function structureOf(
  { readings, entries }: UnitTrace,
  valuesOf: ValuesOf,
  step?: () => Promise<void>,
): Promise<Structure> {
  const raised = new Set<Slot>();
  for (const { view, slots, added } of entries) {
    if (!added || !slots) continue;
    await step?.();
    const values = matrixOf(view, await valuesOf(view.parameter));
    for (const [r, slot] of slots.entries()) {
      if (values.subarray(r * view.columns, (r + 1) * view.columns).some((value) => value !== 0))
        raised.add(slot);
    }
  }
  const found: ReadingStructure[] = [];
  for (const reading of readings) found.push(await readingStructure(reading, valuesOf, step));
  return { readings: found, raised };
}

async function readingStructure(
  reading: Reading,
  valuesOf: ValuesOf,
  step?: () => Promise<void>,
): Promise<ReadingStructure> {
  const [{ rows: height, columns: width }] = reading.views;
  const weights = new Uint8Array(height * width);
  for (const parameter of new Set(reading.views.map((view) => view.parameter))) {
    await step?.();
    const values = await valuesOf(parameter);
    for (const view of reading.views) {
      if (view.parameter !== parameter) continue;
      const flag = any | (reading.makers.includes(view) ? maker : 0);
      for (const [i, value] of matrixOf(view, values).entries()) if (value !== 0) weights[i] |= flag;
    }
  }
  return { reading, height, width, weights };
}

/** Whether row r reads, or is made of, column c. */
export function reads({ weights, width }: ReadingStructure, r: number, c: number): boolean {
  return (weights[r * width + c] & any) !== 0;
}

export function isMadeOf({ weights, width }: ReadingStructure, r: number, c: number): boolean {
  return (weights[r * width + c] & maker) !== 0;
}

function matrixOf(view: GateView, values: Float32Array): Float32Array {
  const matrix = new Float32Array(view.rows * view.columns);
  gather(view, values, matrix);
  return matrix;
}
