import type { ValueName } from './graph.ts';
import { sizeOf } from './parameter.ts';

/**
 * What stays of a model whose hidden units have left. Plain data: each format turns it into its own arrays, configuration and layout.
 */
export interface Shrinking {
  /** By a parameter's name, for each of its axes the indices that stay, ascending; null where all do. Other parameters stay whole. */
  readonly parameters: ReadonlyMap<string, KeptIndices>;
  /** Shapes of all values of the graph, batch first, null where free. */
  readonly values: ReadonlyMap<ValueName, ShapeChange>;
  /** Recurrent layers that lose units. */
  readonly layers: readonly ShrunkLayer[];
}

export interface ShapeChange {
  readonly before: readonly (number | null)[];
  readonly after: readonly (number | null)[];
}

/** Of one tensor, axis by axis. */
export type KeptIndices = readonly (readonly number[] | null)[];

export interface ShrunkLayer {
  readonly name: string;
  /** Hidden units. */
  readonly before: number;
  readonly after: number;
}

/** The shape of what stays of a tensor. */
export function keptShape(shape: readonly number[], kept: KeptIndices): number[] {
  return shape.map((length, axis) => kept[axis]?.length ?? length);
}

/**
 * What stays of a row-major tensor: a fresh array.
 * @param width elements of the array that make one value, such as its bytes
 */
export function keepOf<T extends Float32Array | Uint8Array>(
  values: T,
  shape: readonly number[],
  kept: KeptIndices,
  width = 1,
): T {
  const result = values.slice(0, sizeOf(keptShape(shape, kept)) * width) as T;
  let to = 0;
  const copy = (axis: number, from: number): void => {
    const inner = sizeOf(shape.slice(axis + 1)) * width;
    const indices = kept[axis];
    if (kept.slice(axis).every((own) => own === null)) {
      result.set(values.subarray(from, from + shape[axis] * inner), to);
      to += shape[axis] * inner;
    } else if (axis === shape.length - 1) {
      for (const index of indices ?? [])
        for (let i = 0, at = from + index * width; i < width; i++) result[to++] = values[at + i];
    } else for (const index of indices ?? Array(shape[axis]).keys()) copy(axis + 1, from + index * inner);
  };
  copy(0, 0);
  return result;
}
