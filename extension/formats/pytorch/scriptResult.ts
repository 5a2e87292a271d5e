import type { StateDict } from '../stateDict/tensors.ts';
import {
  type AxisName,
  itemsOf,
  numberOf,
  type ScriptValue,
  type TensorValue,
  truthOf,
  unknown,
} from './scriptValues.ts';

export type Computed = NonNullable<StateDict['computed']>;

/**
 * What a function that returns a value computes: one result, and states beside it.
 * @param steps the input's axis of the steps
 * @param changedBy the operator that changed a value in place
 */
export function computedOf(
  value: ScriptValue,
  steps: AxisName | undefined,
  changedBy: (value: ScriptValue) => string | undefined,
): Computed {
  const all = value.is === 'items' ? value.items.flatMap(flat) : [value];
  const results = all.filter((one) => !(one.is === 'tensor' || one.is === 'unknown') || !one.isState);
  const [result] = results;
  const changed = result && changedBy(result);
  if (changed !== undefined) return { beyond: changed };
  const found = results.length === 1 ? result : (all.find(({ is }) => is === 'unknown') ?? result);
  if (found?.is === 'unknown') return { beyond: found.name };
  if (found?.is !== 'tensor' || results.length !== 1 || steps === undefined)
    return { beyond: nameOf(all.at(-1)) };
  const names = found.axes.flat().map(({ name }) => name);
  const width = names.at(-1) === 'features' || (!names.includes('features') && !names.includes('a2'));
  const inner = names.filter((name) => name !== 'features');
  const batch = steps === 'a0' ? 'a1' : 'a0';
  const isKnown = inner.includes(batch) && inner.every((name) => name === batch || name === steps);
  const isJoined = found.axes.some((axis) => axis.length > 1 && axis.some(({ name }) => name === 'features'));
  if (found.states || found.each || !width || !isKnown || isJoined)
    return { beyond: found.moved ?? nameOf(found) };
  const again = repeated(found);
  return again === undefined ? { layers: found.layers, stepsFirst: steps === 'a0' } : { beyond: again };
}

/** One of several values. */
export function itemOf(whole: ScriptValue, i: number): ScriptValue {
  if (whole.is === 'items') return whole.items.at(i) ?? unknown('[]');
  return whole.is === 'zeros' || whole.is === 'unknown' ? whole : unknown('[]');
}

/** All values in a tuple, at any depth. */
export function flat(value: ScriptValue): readonly ScriptValue[] {
  const found: ScriptValue[] = [];
  const add = (one: ScriptValue): void => {
    if (one.is === 'items') one.items.forEach(add);
    else found.push(one);
  };
  add(value);
  return found;
}

/** A value that is not the same in all branches or turns. */
export function differing(a: ScriptValue, b: ScriptValue): ScriptValue {
  const [lost] = [a, b].filter(({ is }) => is === 'unknown');
  if (lost) return lost;
  if (a.is === b.is && a.is === 'number') return numberOf();
  return a.is === b.is && a.is === 'truth' ? truthOf() : unknown(nameOf(layersIn(a) > layersIn(b) ? a : b));
}

/** A module that is called again on the way. */
function repeated({ layers }: TensorValue): string | undefined {
  const names = layers.flatMap((layer) => (typeof layer === 'object' && 'kind' in layer ? [layer.name] : []));
  return names.find((name, i) => names.indexOf(name) < i);
}

function layersIn(value: ScriptValue): number {
  return value.is === 'tensor' ? value.layers.length : 0;
}

/** What a loop over all steps leaves of what it computes of each. */
export function ended(value: ScriptValue): ScriptValue {
  if (value.is === 'items') return itemsOf(...value.items.map(ended));
  if (value.is === 'unknown') return value;
  if (value.is !== 'tensor' || value.each === undefined) return value;
  const { each: _, cell: __, ...rest } = value;
  return { ...rest, layers: [...value.layers, 'last'] };
}

/** The last layer of a value. */
function nameOf(value: ScriptValue | undefined): string {
  const layer = value?.is === 'tensor' ? value.layers.at(-1) : undefined;
  if (value?.is === 'unknown') return value.name;
  if (typeof layer === 'string') return layer;
  return layer && 'kind' in layer ? layer.name : 'return';
}
