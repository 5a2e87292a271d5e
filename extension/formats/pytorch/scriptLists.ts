import { end, lengthOf, placeOf, sizeOf } from './scriptAxes.ts';
import { behind, type ScriptModel, stepsBehind } from './scriptModel.ts';
import { selected } from './scriptParts.ts';
import {
  type CollectedValue,
  isSame,
  itemsOf,
  type NumberValue,
  numberOf,
  type ScriptValue,
  type SlicesValue,
  type TensorValue,
  unknown,
  unknownIn,
} from './scriptValues.ts';

/** Places of an axis whose length is known that are taken apart. */
const mostPlaces = 100;

/** (x, axis) */
export function unbound(x: TensorValue, [, axis = numberOf(0)]: readonly ScriptValue[], name: string) {
  const at = placeOf(axis, x.axes.length);
  return at === undefined ? unknown(name) : ({ is: 'slices', of: x, at } as const);
}

/** Of a list or a tuple. */
export function itemOf(whole: ScriptValue, index: NumberValue, model: ScriptModel): ScriptValue {
  if (whole.is === 'slices') return selected(whole.of, whole.at, index, 'torch.unbind', model);
  if (whole.is === 'items' && index.value !== undefined) return whole.items.at(index.value) ?? unknown('[]');
  return whole.is === 'zeros' || whole.is === 'unknown' ? whole : unknown('[]');
}

/** How long a list is, or the first axis of a tensor. */
export function countOf(value: ScriptValue): NumberValue {
  if (value.is === 'items') return numberOf(value.items.length);
  if (value.is === 'slices') return sizeOf(value.of.axes[value.at]);
  return value.is === 'tensor' && value.axes.length > 0 ? sizeOf(value.axes[0]) : numberOf();
}

/** The values of a list, where their number is known. */
export function listed(list: ScriptValue, model: ScriptModel): readonly ScriptValue[] {
  if (list.is === 'items') return list.items;
  const count = list.is === 'slices' ? (countOf(list).value ?? 0) : 0;
  return Array.from({ length: Math.min(count, mostPlaces) }, (_, i) => itemOf(list, numberOf(i), model));
}

/** A list of all that a cell puts out from the first step to one whose place is known; undefined of others. */
export function gathered(items: readonly ScriptValue[], model: ScriptModel): SlicesValue | undefined {
  const [first] = items;
  if (first?.is !== 'tensor' || !first.at) return undefined;
  const { axis } = first.at;
  const areSteps = items.every(
    (item, place) =>
      item.is === 'tensor' &&
      item.at &&
      isSame({ ...item, at: { axis, place } }, item) &&
      isSame({ ...item, at: first.at }, first),
  );
  if (!areSteps) return undefined;
  const part = { from: 0, to: items.length };
  const { at: _, cell: __, ...rest } = first;
  const steps = [{ name: stepsBehind(axis, JSON.stringify(part), model) }];
  return { is: 'slices', of: { ...behind(rest, [part]), axes: [steps, ...first.axes] }, at: 0 };
}

/** What torch.stack makes of all places of an axis: they get one again. */
export function stacked({ of, at }: SlicesValue, axis = numberOf(0) as ScriptValue): TensorValue | undefined {
  const to = placeOf(axis, of.axes.length);
  return to === undefined
    ? undefined
    : { ...of, axes: of.axes.toSpliced(at, 1).toSpliced(to, 0, of.axes[at]) };
}

/** The same of torch.cat, along an axis of length 1. */
export function lined({ of, at }: SlicesValue, axis = numberOf(0) as ScriptValue): TensorValue | undefined {
  const axes = of.axes.toSpliced(at, 1);
  const to = placeOf(axis, axes.length);
  return to !== undefined && axes[to].length === 0 && lengthOf(of.axes[at]) === undefined
    ? { ...of, axes: axes.with(to, of.axes[at]) }
    : undefined;
}

/** The least of numbers in a list, as enumerate has it of the length and of what is beyond all. */
export function leastOf(list: ScriptValue): NumberValue | undefined {
  const numbers = list.is === 'items' ? list.items.filter((item) => item.is === 'number') : [];
  if (list.is !== 'items' || numbers.length < list.items.length) return undefined;
  const [first, ...others] = numbers.filter(({ value }) => (value ?? 0) < end);
  return first && others.length === 0 ? first : numberOf();
}

/**
 * A list with one value more. What a loop over steps adds to a list that was empty before it is known if it is the same in every turn: all
 * steps.
 */
export function appended(
  list: Extract<ScriptValue, { is: 'items' | 'collected' }>,
  value: ScriptValue,
  name: string,
  model: ScriptModel,
): ScriptValue {
  if (list.is === 'items') return itemsOf(...list.items, value);
  const { axis, loop, each, isAdded } = list;
  const isOfTurn = loop === model.loop && !isAdded && value.is === 'tensor' && value.each === axis;
  // What an earlier turn has not added was not the same list.
  if (!isOfTurn || (each ? !isSame(each, value) : model.isLater)) return unknownIn(value) ?? unknown(name);
  return { ...list, each: value, isAdded: true };
}

/** What such a list is behind its loop. */
export function collectedAll({ axis, each }: CollectedValue): ScriptValue {
  if (!each) return itemsOf();
  const { each: _, cell: __, ...rest } = each;
  return { is: 'slices', of: { ...rest, axes: [[{ name: axis }], ...rest.axes] }, at: 0 };
}
