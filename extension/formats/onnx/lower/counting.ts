import type { Length } from './lengths.ts';
import type { Counting, Value } from './values.ts';

/** A value as what counts along its last axis, as known numbers may, too; undefined of others. */
export function countingOf(value: Value): Counting | undefined {
  if (value.kind === 'counting') return value;
  if (value.kind !== 'numbers' || value.shape.at(-1) !== value.values.length) return undefined;
  const [, by = 1] = value.values;
  const counts = typeof by === 'number' && value.values.every((one, i) => one === i * by);
  return counts ? { kind: 'counting', shape: value.shape, axis: value.shape.length - 1, by } : undefined;
}

/** The numbers with axes of length 1 repeated to a shape that has as many axes at least. */
export function longerCounting(value: Counting, target: readonly Length[]): Counting {
  const lead = target.length - value.shape.length;
  const shape = target.map((length, i) => (i === value.axis + lead ? value.shape[value.axis] : length));
  return { ...value, shape, axis: value.axis + lead };
}
