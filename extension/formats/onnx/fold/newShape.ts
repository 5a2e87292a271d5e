import { sizeOf } from '../../../model/parameter.ts';

/** Reshape's target: 0 is the length of the input (unless it is allowed as such), −1 what is left. */
export function newShape(
  from: readonly number[],
  wanted: readonly number[],
  allowZero: boolean,
): number[] | undefined {
  const shape = wanted.map((length, axis) => (length === 0 && !allowZero ? (from[axis] ?? -2) : length));
  const free = shape.indexOf(-1);
  const known = shape.filter((length) => length !== -1);
  if (known.some((length) => length < 0) || shape.length - known.length > 1) return undefined;
  if (free === -1) return shape;
  const rest = sizeOf(from) / sizeOf(known);
  return Number.isSafeInteger(rest) ? shape.with(free, rest) : undefined;
}

/** Without these axes of length 1, or without all of them. */
export function squeezedShape(
  from: readonly number[],
  axes: readonly number[] | undefined,
): number[] | undefined {
  const gone = new Set(axes?.map((axis) => (axis < 0 ? axis + from.length : axis)));
  if ([...gone].some((axis) => from[axis] !== 1)) return undefined;
  return from.filter((length, axis) => (axes ? !gone.has(axis) : length !== 1));
}

/** With axes of length 1 at these places of the result. */
export function unsqueezedShape(from: readonly number[], axes: readonly number[]): number[] | undefined {
  const rank = from.length + axes.length;
  const added = new Set(axes.map((axis) => (axis < 0 ? axis + rank : axis)));
  if (added.size !== axes.length || [...added].some((axis) => axis < 0 || axis >= rank)) return undefined;
  const rest = [...from];
  return Array.from({ length: rank }, (_, axis) => (added.has(axis) ? 1 : (rest.shift() as number)));
}
