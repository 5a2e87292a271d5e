import type { Graph } from '../../model/graph.ts';
import type { Integers } from '../../model/integers.ts';

/** Operations a second, roughly, of products of integers: plain loops in one thread, whatever the engine. */
const integerSpeed = 4e8;
const products: ReadonlySet<Integers['kind']> = new Set(['product', 'hybrid', 'cell']);

/** The speed of an engine, or that of products of integers where a graph has such. */
export function speedWithIntegers({ nodes }: Graph, speed: number): number {
  return nodes.some(({ integers }) => integers && products.has(integers.kind))
    ? Math.min(speed, integerSpeed)
    : speed;
}
