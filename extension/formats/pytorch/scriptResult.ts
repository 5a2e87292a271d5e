import type { StateDict } from '../stateDict/tensors.ts';
import { isSteps } from './scriptModel.ts';
import {
  type AxisName,
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
    return { beyond: nameOf(all.at(-1), 'return') };
  const axes = axesOf(found, steps);
  if (found.states || found.each || !axes) return { beyond: found.moved ?? nameOf(found, 'return') };
  const again = repeated(found);
  if (again !== undefined) return { beyond: again };
  const own = ['B', 'T', 'C'].filter((axis) => axes.some((name) => name.includes(axis)));
  return {
    layers: [...found.layers, ...(found.at ? [{ step: found.at.place }] : [])],
    stepsFirst: steps === 'a0',
    ...(axes.join() !== own.join() && { axes: { code: axes, own } }),
  };
}

/**
 * The axes of an output that are longer than 1: B samples, T steps, C features, `B·T` where samples and steps are one axis. Undefined of
 * others.
 */
function axesOf({ axes }: TensorValue, steps: AxisName): string[] | undefined {
  const letter = (name: AxisName) =>
    name === 'features'
      ? 'C'
      : isSteps([{ name }], { steps })
        ? 'T'
        : name === 'a0' || name === 'a1'
          ? 'B'
          : undefined;
  const letters = axes.map((axis) => axis.map(({ name }) => letter(name)));
  const all = letters.flat();
  const isWhole = all.every((own, i) => own !== undefined && all.indexOf(own) === i) && all.includes('B');
  // Features that are one axis with others are no classes any more.
  const isJoined = letters.some((own) => own.length > 1 && own.includes('C'));
  return isWhole && !isJoined
    ? letters.filter(({ length }) => length > 0).map((own) => own.join('·'))
    : undefined;
}

/** All values in a tuple, at any depth. */
function flat(value: ScriptValue): readonly ScriptValue[] {
  const found: ScriptValue[] = [];
  const add = (one: ScriptValue): void => {
    if (one.is === 'items') one.items.forEach(add);
    else found.push(one);
  };
  add(value);
  return found;
}

/** A value that is not the same behind both ways of a condition, or behind two turns of a loop, which is named by what they do. */
export function differing(a: ScriptValue, b: ScriptValue, word: 'if' | 'for'): ScriptValue {
  const [lost] = [a, b].filter(({ is }) => is === 'unknown');
  if (lost) return lost;
  if (a.is === b.is && a.is === 'number') return numberOf();
  if (a.is === b.is && a.is === 'truth') return truthOf();
  return unknown(word === 'if' ? word : nameOf(layersIn(a) > layersIn(b) ? a : b, word));
}

/** A module that is called again on the way. */
function repeated({ layers }: TensorValue): string | undefined {
  const names = layers.flatMap((layer) => (typeof layer === 'object' && 'kind' in layer ? [layer.name] : []));
  return names.find((name, i) => names.indexOf(name) < i);
}

function layersIn(value: ScriptValue): number {
  return value.is === 'tensor' ? value.layers.length : 0;
}

/** By whom a value was made; the word where nobody is known. */
function nameOf(value: ScriptValue | undefined, word: string): string {
  if (value?.is === 'unknown') return value.name;
  return (value?.is === 'tensor' ? value.by : undefined) ?? word;
}
