import { roundHalfToEven } from '../../../../model/roundHalfToEven.ts';
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

/** An elementwise operator on numbers; undefined where an outcome is not known. */
export function folded(operator: string, a: Numbers, b: Numbers): Numbers | undefined {
  const compute = folds[operator];
  const shape = broadcastShape(a.shape, b.shape);
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

const unaryFolds: Readonly<Record<string, (x: number) => number>> = {
  Neg: (x) => -x,
  Abs: Math.abs,
  Sqrt: Math.sqrt,
  Reciprocal: (x) => 1 / x,
  Exp: Math.exp,
  Log: Math.log,
  Floor: Math.floor,
  Ceil: Math.ceil,
  Round: roundHalfToEven,
  Sign: Math.sign,
  Not: (x) => (x === 0 ? 1 : 0),
};

/** An operator of one input on numbers; undefined where an outcome is not known. */
export function foldedUnary(operator: string, x: Numbers): Numbers | undefined {
  const compute = unaryFolds[operator];
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

/** More numbers are no shape, and no mask either. */
const mostNumbers = 1 << 22;

/** The shape of both together; undefined where they do not fit, or are too large to be computed here. */
export function broadcastShape(a: readonly number[], b: readonly number[]): number[] | undefined {
  const rank = Math.max(a.length, b.length);
  const at = (shape: readonly number[], axis: number) => shape[axis - (rank - shape.length)] ?? 1;
  const shape = Array.from({ length: rank }, (_, axis) => {
    const [one, other] = [at(a, axis), at(b, axis)];
    return one === 1 ? other : one;
  });
  if (shape.reduce((size, n) => size * n, 1) > mostNumbers) return undefined;
  const fits = shape.every((n, axis) => [a, b].every((one) => [1, n].includes(at(one, axis))));
  return fits ? shape : undefined;
}

/** Values repeated to a shape, aligned at the last axis. */
export function broadcast<T>(
  { shape, values }: { shape: readonly number[]; values: readonly T[] },
  target: readonly number[],
): T[] {
  const lead = target.length - shape.length;
  const strides = target.map((_, axis) => {
    const own = axis - lead;
    return own < 0 || shape[own] === 1 ? 0 : shape.slice(own + 1).reduce((a, b) => a * b, 1);
  });
  return placesOf(target, strides).map((place) => values[place]);
}
