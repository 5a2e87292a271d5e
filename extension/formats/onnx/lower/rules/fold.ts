import { entryOf } from '../../../entryOf.ts';
import { broadcastShape, broadcastStrides } from '../../fold/broadcast.ts';
import { unaryFunctions } from '../../fold/functions.ts';
import { type Length, minus, over, overDown, plus, sameLength, times } from '../lengths.ts';
import { type Numbers, numbers, placesOf, rowMajor } from '../values.ts';

type Fold = (a: Length, b: Length, integer: boolean) => Length | undefined;

/** Of numbers alone. */
function plain(compute: (a: number, b: number) => number): Fold {
  return (a, b) => (typeof a === 'number' && typeof b === 'number' ? compute(a, b) : undefined);
}

const folds: Readonly<Record<string, Fold>> = {
  Add: plus,
  Sub: minus,
  Mul: times,
  Div: (a, b, integer) => {
    if (b === 0) return undefined;
    if (integer) return typeof a === 'number' && typeof b === 'number' ? Math.trunc(a / b) : overDown(a, b);
    return typeof a === 'number' && typeof b === 'number' ? a / b : over(a, b);
  },
  Mod: plain((a, b) => a - b * Math.floor(a / b)),
  Pow: plain((a, b) => a ** b),
  Max: plain(Math.max),
  Min: plain(Math.min),
  Equal: (a, b) =>
    typeof a === 'number' && typeof b === 'number' ? Number(a === b) : sameLength(a, b) ? 1 : unequal(a, b),
  Less: plain((a, b) => Number(a < b)),
  LessOrEqual: plain((a, b) => Number(a <= b)),
  Greater: plain((a, b) => Number(a > b)),
  GreaterOrEqual: plain((a, b) => Number(a >= b)),
  And: plain((a, b) => a * b),
  Or: plain((a, b) => Math.max(a, b)),
};

/** A free length is never negative; whether it is a certain other one is not known. */
function unequal(a: Length, b: Length): number | undefined {
  return [a, b].some((one) => typeof one === 'number' && one < 0) ? 0 : undefined;
}

export function canFold(operator: string): boolean {
  return operator in folds;
}

/** More numbers are no shape, and no mask either. */
export const mostNumbers = 1 << 22;

/** An elementwise operator on numbers; undefined where an outcome is not known. */
export function folded(operator: string, a: Numbers, b: Numbers): Numbers | undefined {
  const compute = folds[operator];
  const shape = broadcastShape(a.shape, b.shape, mostNumbers);
  if (!compute || !shape) return undefined;
  const integer = a.integer && b.integer;
  const [left, right] = [a, b].map((one) => broadcast(one, shape));
  const values: Length[] = [];
  for (const [i, value] of left.entries()) {
    const result = compute(value, right[i], integer);
    if (result === undefined) return undefined;
    values.push(result);
  }
  return numbers(shape, values, integer);
}

/** An operator of one input on numbers; undefined where an outcome is not known. */
export function foldedUnary(operator: string, x: Numbers): Numbers | undefined {
  const compute = entryOf(unaryFunctions, operator);
  if (!compute || !x.values.every((value) => typeof value === 'number')) return undefined;
  return numbers(
    x.shape,
    x.values.map((value) => compute(value as number)),
    x.integer,
  );
}

/** The axes of numbers in another order. */
export function turned({ shape, values, integer }: Numbers, order: readonly number[]): Numbers {
  const strides = rowMajor(shape);
  const lengths = order.map((axis) => shape[axis]);
  const places = placesOf(
    lengths,
    order.map((axis) => strides[axis]),
  );
  return numbers(
    lengths,
    places.map((place) => values[place]),
    integer,
  );
}

/** Values repeated to a shape, aligned at the last axis. */
export function broadcast<T>(
  { shape, values }: { shape: readonly number[]; values: readonly T[] },
  target: readonly number[],
): T[] {
  return placesOf(target, broadcastStrides(shape, target)).map((place) => values[place]);
}
