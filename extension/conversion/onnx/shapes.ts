import type { ValueName } from '../../model/graph.ts';
import type { OnnxBuilder } from './builder.ts';

/** Number of axes of a value of the graph. */
export function rankOf(b: OnnxBuilder, value: ValueName): number {
  const shape = b.shapes.get(value);
  if (!shape) throw new Error(`${value} has no shape`);
  return shape.length;
}

/** Adds axes of length 1 behind those of a mask [B,T], so that it stands beside [B,T,…]. */
export function behind(b: OnnxBuilder, mask: string, rank: number): string {
  const axes = Array.from({ length: rank - 2 }, (_, i) => 2 + i);
  return axes.length === 0 ? mask : b.add('Unsqueeze', [mask, b.ints(axes)]);
}
