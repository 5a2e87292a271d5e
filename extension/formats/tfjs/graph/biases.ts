import type { GateName } from '../../../protocol/report.ts';
import type { FoundCell, Parts } from './cells.ts';
import type { Product, WeightShapes } from './products.ts';
import { constantOf, readersOf, type Scope } from './scopes.ts';

/** Operations that add. */
export const sums = new Set(['Add', 'AddV2', 'AddN', 'BiasAdd']);

/** Biases that are added to the products, or to their sum. */
export function biasesOf(
  scope: Scope,
  own: readonly Product[],
  { recurrent, hiddenSize }: Parts,
  shapes: WeightShapes,
): FoundCell['biases'] {
  const found = new Map<string, readonly GateName[]>();
  for (const { operation, weight: matrix, columns } of own) {
    const gates =
      recurrent.find(({ weight }) => weight === matrix)?.gates ?? recurrent.flatMap((block) => block.gates);
    const next = readersOf(scope, operation.name).filter(({ op }) => sums.has(op));
    const readers = [operation, ...next, ...next.flatMap(({ name }) => readersOf(scope, name))];
    for (const reader of readers) {
      if (!sums.has(reader.op) && reader.op !== '_FusedMatMul') continue;
      for (const input of reader.op === '_FusedMatMul' ? reader.inputs.slice(2) : reader.inputs) {
        const weight = constantOf(scope, input);
        const size = weight === undefined ? undefined : shapes.get(weight)?.reduce((a, b) => a * b, 1);
        const fits = size === columns || (size === 2 * columns && columns === 3 * hiddenSize);
        if (weight !== undefined && fits) found.set(weight, gates);
      }
    }
  }
  return [...found].map(([weight, gates]) => ({ weight, gates }));
}
