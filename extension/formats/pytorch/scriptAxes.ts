import { entryOf } from '../entryOf.ts';
import type { Axis, NumberValue, ScriptValue, TensorValue } from './scriptValues.ts';
import { itemsOf, numberIn, numberOf, numbersIn, truthOf } from './scriptValues.ts';

/** Beyond the end of every axis. */
export const end = 2 ** 62;

type Moving = (value: TensorValue, args: readonly (ScriptValue | undefined)[]) => readonly Axis[] | undefined;

/** Operators that lay the axes of a value otherwise, and nothing else. Undefined where what they do is not known. */
export const moving: Readonly<Partial<Record<string, Moving>>> = {
  unsqueeze: ({ axes }, [place]) => {
    const at = placeOf(place, axes.length + 1);
    return at === undefined ? undefined : axes.toSpliced(at, 0, []);
  },
  squeeze: ({ axes }, [place]) => {
    if (!place) return axes.filter((axis) => lengthOf(axis) !== 1);
    const at = placeOf(place, axes.length);
    if (at === undefined) return undefined;
    return lengthOf(axes[at]) === 1
      ? axes.toSpliced(at, 1)
      : lengthOf(axes[at]) === undefined
        ? undefined
        : axes;
  },
  transpose: ({ axes }, places) => swapped(axes, places),
  swapaxes: ({ axes }, places) => swapped(axes, places),
  t: ({ axes }) => (axes.length === 2 ? axes.toReversed() : undefined),
  permute: ({ axes }, [order]) => {
    const places = numbersIn(order)?.map((place) => (place < 0 ? place + axes.length : place));
    const isWhole = places?.length === axes.length && axes.every((_, i) => places.includes(i));
    return isWhole ? places.map((place) => axes[place]) : undefined;
  },
  flatten: ({ axes }, [first = numberOf(0), last = numberOf(-1)]) => {
    const [from, to] = [placeOf(first, axes.length), placeOf(last, axes.length)];
    if (from === undefined || to === undefined || to < from) return undefined;
    return axes.toSpliced(from, to - from + 1, axes.slice(from, to + 1).flat());
  },
  view: ({ axes }, [shape]) => shaped(axes, shape),
  reshape: ({ axes }, [shape]) => shaped(axes, shape),
};

function swapped(axes: readonly Axis[], places: readonly (ScriptValue | undefined)[]) {
  const [a, b] = places.map((place) => placeOf(place, axes.length));
  return a === undefined || b === undefined ? undefined : axes.with(a, axes[b]).with(b, axes[a]);
}

/** Which axis a number means, from the end where it is negative. */
export function placeOf(value: ScriptValue | undefined, rank: number): number | undefined {
  const place = numberIn(value);
  const at = place !== undefined && place < 0 ? place + rank : place;
  return at !== undefined && at >= 0 && at < rank ? at : undefined;
}

/** Undefined where it is not known. */
export function lengthOf(axis: Axis): number | undefined {
  let product = 1;
  for (const { length } of axis) {
    if (length === undefined) return undefined;
    product *= length;
  }
  return product;
}

export function sizeOf(axis: Axis): NumberValue {
  const value = lengthOf(axis);
  return value === undefined && axis.length === 1 ? { is: 'number', axis: axis[0].name } : numberOf(value);
}

export function sizesOf({ axes }: TensorValue): ScriptValue {
  return itemsOf(...axes.map(sizeOf));
}

/** The axes as a shape has them, whose numbers are theirs; one may be −1. Values stay in their order. */
function shaped(axes: readonly Axis[], shape: ScriptValue | undefined): Axis[] | undefined {
  if (shape?.is !== 'items') return undefined;
  const rest = [...axes.flat()];
  const open = shape.items.findIndex((size) => numberIn(size) === -1);
  const [before, behind] =
    open < 0 ? [shape.items, []] : [shape.items.slice(0, open), shape.items.slice(open + 1)];
  const heads = before.map((size) => taken(size, rest, false));
  const tails = behind.toReversed().map((size) => taken(size, rest, true));
  const all = [...heads, ...(open < 0 ? [] : [rest]), ...tails.toReversed()];
  const known = all.flatMap((axis) => (axis ? [axis] : []));
  return known.length < all.length || (open < 0 && rest.length > 0) ? undefined : known;
}

/** Takes off the axes that a number of a shape is the length of. */
function taken(size: ScriptValue, rest: Axis[number][], fromEnd: boolean): Axis | undefined {
  const own: Axis[number][] = [];
  const take = () => {
    const one = fromEnd ? rest.pop() : rest.shift();
    if (one) own[fromEnd ? 'unshift' : 'push'](one);
    return one;
  };
  if (size.is !== 'number') return undefined;
  if (size.axis !== undefined) return size.more === undefined && take()?.name === size.axis ? own : undefined;
  // The width of the features that a model takes is said by the layer that takes them.
  const isWidth = (fromEnd || rest.length === 1) && rest.at(-1)?.name === 'a2';
  if (isWidth && size.value !== 1) return take() && own;
  while (size.value !== undefined && (lengthOf(own) ?? Infinity) < size.value) if (!take()) return undefined;
  return lengthOf(own) === size.value ? own : undefined;
}

/** Which places of an axis a slice leaves, from the end where they are below 0; undefined of others than one behind the other. */
export function sliced(
  args: readonly ScriptValue[],
  axis: Axis,
): { readonly from: number; readonly to?: number } | undefined {
  const [from, to, step] = args.map((value) => (value.is === 'none' ? undefined : value));
  if (step !== undefined && numberIn(step) !== 1) return undefined;
  const first = from === undefined ? 0 : placeAlong(from, axis);
  const isOpen = to === undefined || (numberIn(to) ?? 0) >= end || isLengthOf(to, axis);
  if (first === undefined || isOpen) return first === undefined ? undefined : { from: first };
  const last = placeAlong(to, axis);
  return last === undefined ? undefined : { from: first, to: last };
}

/** A place that is known, also as the length less something. */
export function placeAlong(value: ScriptValue | undefined, axis: Axis): number | undefined {
  if (value?.is !== 'number') return undefined;
  const isOwn = axis.length === 1 && value.axis === axis[0].name && (value.more ?? 0) < 0;
  return isOwn ? value.more : value.value;
}

/** Whether a number is how long an axis is, known or not. */
export function isLengthOf(value: ScriptValue | undefined, axis: Axis): boolean {
  if (value?.is !== 'number' || value.isEach) return false;
  return axis.length === 1 && value.axis === axis[0].name && value.more === undefined;
}

/** Arithmetic of lengths; undefined of other operators. */
export function counted(operator: string, [a, b]: readonly NumberValue[]): ScriptValue | undefined {
  const [x, y] = [a.value, b?.value];
  const both = x !== undefined && y !== undefined;
  const compared = entryOf(comparing, operator);
  if (compared) return truthOf(both ? compared(x, y) : undefined);
  if (operator === 'neg') return numberOf(x === undefined ? undefined : -x);
  if ((operator === 'sub' || operator === 'add') && a.axis !== undefined && y !== undefined && !a.isEach)
    return { is: 'number', axis: a.axis, more: (a.more ?? 0) + (operator === 'sub' ? -y : y) };
  const computed = entryOf(computing, operator);
  return computed && numberOf(both ? computed(x, y) : undefined);
}

const comparing: Readonly<Record<string, (x: number, y: number) => boolean>> = {
  eq: (x, y) => x === y,
  ne: (x, y) => x !== y,
  lt: (x, y) => x < y,
  le: (x, y) => x <= y,
  gt: (x, y) => x > y,
  ge: (x, y) => x >= y,
};
const computing: Readonly<Record<string, (x: number, y: number) => number>> = {
  add: (x, y) => x + y,
  sub: (x, y) => x - y,
  mul: (x, y) => x * y,
  div: (x, y) => x / y,
  floordiv: (x, y) => Math.floor(x / y),
  floor_divide: (x, y) => Math.floor(x / y),
  remainder: (x, y) => x - y * Math.floor(x / y),
};
