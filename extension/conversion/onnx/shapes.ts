import type { ValueName } from '../../model/graph.ts';
import type { OnnxBuilder } from './builder.ts';
import type { Values } from './values.ts';

/** Number of axes of a value of the graph. */
export function rankOf(b: OnnxBuilder, value: ValueName): number {
  const shape = b.shapes.get(value);
  if (!shape) throw new Error(`${value} has no shape`);
  return shape.length;
}

/** Values with as many axes each: those that one lacks are of length 1 and stand behind the batch, as merges take them. */
export function aligned(b: OnnxBuilder, inputs: readonly ValueName[], values: Values): string[] {
  const ranks = inputs.map((name) => rankOf(b, name));
  const rank = Math.max(...ranks);
  return inputs.map((name, i) => {
    const missing = Array.from({ length: rank - ranks[i] }, (_, axis) => axis + 1);
    return missing.length === 0 ? values.of(name) : b.add('Unsqueeze', [values.of(name), b.ints(missing)]);
  });
}

/** Adds axes of length 1 behind those of a mask [B,T], so that it stands beside [B,T,…]. */
export function behind(b: OnnxBuilder, mask: string, rank: number): string {
  const axes = Array.from({ length: rank - 2 }, (_, i) => 2 + i);
  return axes.length === 0 ? mask : b.add('Unsqueeze', [mask, b.ints(axes)]);
}
