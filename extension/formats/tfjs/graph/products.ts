import type { Operation } from './graphDef.ts';
import { constantOf, type Scope } from './scopes.ts';

/** Shapes of the constants that hold weights. */
export type WeightShapes = ReadonlyMap<string, readonly number[]>;

/** A product with a matrix of weights. */
export interface Product {
  readonly operation: Operation;
  readonly weight: string;
  readonly rows: number;
  readonly columns: number;
}

const multiplying = new Set(['MatMul', '_FusedMatMul', 'BatchMatMulV2']);

/** Products with weights in the bodies of loops (or, unrolled, below a name that says so), by the path of their operations. */
export function productsByPath(scope: Scope, shapes: WeightShapes): Map<string, Product[]> {
  const byPath = new Map<string, Map<string, Product>>();
  for (const operation of scope.operations.values()) {
    const { name, op, inputs } = operation;
    if (!multiplying.has(op) || inputs.length < 2 || !isInLoop(scope, name)) continue;
    const weight = constantOf(scope, inputs[1]);
    const shape = weight === undefined ? undefined : shapes.get(weight);
    if (weight === undefined || shape?.length !== 2) continue;
    const path = name.split('/').slice(0, -1).join('/');
    const own = byPath.get(path) ?? new Map<string, Product>();
    // Unrolled, every step multiplies with the same.
    if (!own.has(weight)) own.set(weight, { operation, weight, rows: shape[0], columns: shape[1] });
    byPath.set(path, own);
  }
  // In the order in which they were made: MatMul, MatMul_1, MatMul_2.
  const number = ({ operation: { name } }: Product) => Number(/_(\d+)$/.exec(name)?.[1] ?? 0);
  return new Map(
    [...byPath].map(([path, own]) => [path, [...own.values()].sort((a, b) => number(a) - number(b))]),
  );
}

function isInLoop({ caller }: Scope, name: string): boolean {
  if (caller && /While$/.test(caller.operation.op)) return true;
  return /(^|\/)while(_\d+)?\//.test(name) || /lstm|gru|rnn/i.test(name);
}
