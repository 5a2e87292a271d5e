import type { Cell, GateName } from '../../../protocol/report.ts';
import { biasesOf, sums } from './biases.ts';
import type { Operation } from './graphDef.ts';
import { type Product, productsByPath, type WeightShapes } from './products.ts';
import { makerOf, readersOf, type Scope } from './scopes.ts';

/** Gates side by side in rows of a matrix [in, gates · H]. */
export interface GateBlock {
  readonly weight: string;
  readonly firstRow: number;
  readonly rows: number;
  readonly gates: readonly GateName[];
}

/** The weights of one recurrent cell, by the names of constants. */
export interface FoundCell {
  /** The operations' common path. */
  readonly path: string;
  readonly cell: Cell;
  readonly hiddenSize: number;
  readonly kernel: readonly GateBlock[];
  readonly recurrent: readonly GateBlock[];
  /** [gates · H] each, or [2, gates · H]. */
  readonly biases: readonly { readonly weight: string; readonly gates: readonly GateName[] }[];
  /** Every activation in it keeps 0. */
  readonly zeroPreserving: boolean;
}

/** By how many gates stand side by side: of Keras. */
const kerasGates = new Map<number, readonly [Cell, readonly GateName[]]>([
  [4, ['LSTM', ['i', 'f', 'c', 'o']]],
  [3, ['GRU', ['z', 'r', 'h']]],
  [1, ['RNN', ['h']]],
]);

/**
 * Finds the recurrent cells among the operations of a loop's body (or, unrolled, below a name that says so): products of the input and of
 * the state under one path. Keras multiplies each with a matrix of its own, kernel [I, G·H] and recurrent kernel [H, G·H]; TensorFlow 1
 * both at once with one [I+H, G·H], LSTM gates i, c, f, o.
 */
export function cellsOf(scope: Scope, shapes: WeightShapes): FoundCell[] {
  const found: FoundCell[] = [];
  for (const [path, own] of productsByPath(scope, shapes)) {
    const parts = concatenated(scope, own) ?? separate(scope, own);
    if (!parts) continue;
    const gates = parts.recurrent.flatMap((block) => block.gates);
    found.push({
      ...parts,
      path,
      biases: biasesOf(scope, own, parts, shapes),
      zeroPreserving: gates.length > 0 && usesTanh(scope, path),
    });
  }
  return found;
}

/** Which matrices of which gates a cell has. */
export type Parts = Pick<FoundCell, 'cell' | 'hiddenSize' | 'kernel' | 'recurrent'>;

/** TensorFlow 1: input and state stand side by side before they are multiplied. */
function concatenated(scope: Scope, own: readonly Product[]): Parts | undefined {
  const both = own.filter(({ operation }) => /^Concat/.test(makerOf(scope, operation.inputs[0])?.op ?? ''));
  if (both.length === 0 || both.length !== own.length) return undefined;
  const [first, second] = both;
  const split = (product: Product, hidden: number, gates: readonly GateName[]) => {
    const block = { weight: product.weight, gates };
    const inputs = product.rows - hidden;
    return [
      { ...block, firstRow: 0, rows: inputs },
      { ...block, firstRow: inputs, rows: hidden },
    ] as const;
  };
  if (both.length === 1) {
    const isLstm = first.columns % 4 === 0 && feedsSplit(scope, first.operation);
    const hiddenSize = isLstm ? first.columns / 4 : first.columns;
    if (hiddenSize === 0 || first.rows <= hiddenSize) return undefined;
    const [kernel, recurrent] = split(first, hiddenSize, isLstm ? ['i', 'c', 'f', 'o'] : ['h']);
    return { cell: isLstm ? 'LSTM' : 'RNN', hiddenSize, kernel: [kernel], recurrent: [recurrent] };
  }
  if (both.length !== 2 || first.columns !== 2 * second.columns || first.rows !== second.rows)
    return undefined;
  const hiddenSize = second.columns;
  if (hiddenSize === 0 || first.rows <= hiddenSize) return undefined;
  const [gates, candidate] = [split(first, hiddenSize, ['r', 'z']), split(second, hiddenSize, ['h'])];
  return { cell: 'GRU', hiddenSize, kernel: [gates[0], candidate[0]], recurrent: [gates[1], candidate[1]] };
}

/** Keras: the input's product first, then that of the state; of a GRU with reset before, in two parts. */
function separate(scope: Scope, own: readonly Product[]): Parts | undefined {
  if (own.length === 2) return pair(scope, own[0], own[1]) ?? pair(scope, own[1], own[0]);
  const [kernel, gates, candidate] = own;
  if (own.length !== 3) return undefined;
  const hiddenSize = candidate.columns;
  const fits =
    candidate.rows === hiddenSize &&
    gates.rows === hiddenSize &&
    gates.columns === 2 * hiddenSize &&
    kernel.columns === 3 * hiddenSize;
  if (!fits) return undefined;
  return {
    cell: 'GRU',
    hiddenSize,
    kernel: [blockOf(kernel, ['z', 'r', 'h'])],
    recurrent: [blockOf(gates, ['z', 'r']), blockOf(candidate, ['h'])],
  };
}

function pair(scope: Scope, kernel: Product, recurrent: Product): Parts | undefined {
  const gates = kerasGates.get(recurrent.columns / recurrent.rows);
  if (!gates || kernel.columns !== recurrent.columns) return undefined;
  const [cell, names] = gates;
  // Three gates are nothing else; others are sums of both.
  if (cell !== 'GRU' && !meet(scope, kernel.operation, recurrent.operation)) return undefined;
  return {
    cell,
    hiddenSize: recurrent.rows,
    kernel: [blockOf(kernel, names)],
    recurrent: [blockOf(recurrent, names)],
  };
}

function blockOf({ weight, rows }: Product, gates: readonly GateName[]): GateBlock {
  return { weight, firstRow: 0, rows, gates };
}

/** Whether what two operations put out is added, each perhaps with a bias. */
function meet(scope: Scope, one: Operation, other: Operation): boolean {
  const reach = (name: string): Set<string> => {
    const sumsOf = readersOf(scope, name).filter(({ op }) => sums.has(op));
    return new Set(
      sumsOf.flatMap((sum) => [sum.name, ...readersOf(scope, sum.name).map((next) => next.name)]),
    );
  };
  const [a, b] = [reach(one.name), reach(other.name)];
  return [...a].some((name) => b.has(name));
}

/** A loop's operations may lead back to themselves, hence the end of the way. */
function feedsSplit(scope: Scope, { name }: Operation, steps = 3): boolean {
  return readersOf(scope, name).some(
    ({ op, ...reader }) =>
      op === 'Split' || (steps > 0 && sums.has(op) && feedsSplit(scope, { op, ...reader }, steps - 1)),
  );
}

function usesTanh({ operations }: Scope, path: string): boolean {
  return [...operations.values()].some(({ name, op }) => op === 'Tanh' && name.startsWith(`${path}/`));
}
