import { isObject } from '../json.ts';
import { object } from './missing.ts';
import { leavesOf, reference, type TensorReference, tensorsIn } from './references.ts';

/** A use of a layer in a functional model. */
export interface Call {
  /** Behind a sequence the initial state of the layer that reads it. */
  readonly inputs: readonly TensorReference[];
  /**
   * Further tensors given by keyword, such as `constants`, and what is switched on, such as `use_causal_mask`; a mask that
   * Keras itself computed is left out.
   */
  readonly keywords: readonly string[];
  /** Masks given by keyword, as Keras 3 writes those that it found itself, too: empty where it found none, undefined where none is told. */
  readonly masks?: readonly TensorReference[];
  /** What else is given in its place, such as the 2 of `x * 2`. */
  readonly constants: readonly unknown[];
}

/** Layers whose tensors may be given by name, and in which order they stand otherwise. */
const tensorArguments = new Map([['MultiHeadAttention', ['query', 'value', 'key']]]);

/** Keras 3 writes args and kwargs with tensors in them, Keras 1 and 2 [layer, call, output, keywords] in a list or a dict. */
export function isKeras3Call(node: unknown): node is { readonly args: unknown; readonly kwargs?: unknown } {
  return isObject(node) && 'args' in node;
}

/** @param className of the layer that is called */
export function callOf(node: unknown, className: string): Call {
  const names = tensorArguments.get(className) ?? [];
  if (!isKeras3Call(node)) {
    const listed = leavesOf(node, 'inbound_nodes');
    const named = listed.flatMap((item) => Object.entries(item[3] || {}));
    const given = named.filter(([, value]) => value !== null && value !== false);
    return { ...namedInputs(listed.map(reference), given, names, namedTensor), constants: [] };
  }
  const { args, kwargs } = node;
  // Keras 1 and 2 list the initial state behind the sequence.
  const { initial_state: state, ...others } = object(kwargs ?? {}, 'kwargs');
  const named = Object.entries(others).filter(
    ([key, value]) => value === true || (tensorsIn(value).length > 0 && key !== 'mask'),
  );
  const positional = [...tensorsIn(args), ...tensorsIn(state)];
  return {
    ...namedInputs(positional, named, names, (value) => tensorsIn(value).at(0)),
    ...('mask' in others && { masks: tensorsIn(others.mask) }),
    constants: (Array.isArray(args) ? args : []).filter((value) => tensorsIn(value).length === 0),
  };
}

/** Puts tensors that are given by name behind those that are not, as far as they follow in order; the rest stays named. */
function namedInputs(
  inputs: readonly TensorReference[],
  named: readonly [string, unknown][],
  names: readonly string[],
  tensor: (value: unknown) => TensorReference | undefined,
): Pick<Call, 'inputs' | 'keywords'> {
  const values = new Map(named);
  const all = [...inputs];
  for (const name of names.slice(inputs.length)) {
    const found = tensor(values.get(name));
    if (!found) break;
    all.push(found);
    values.delete(name);
  }
  return { inputs: all, keywords: [...values.keys()] };
}

/** A tensor as Keras 2 writes it among keywords: [name, call, output]. */
function namedTensor(value: unknown): TensorReference | undefined {
  return Array.isArray(value) && typeof value[0] === 'string' ? reference(value) : undefined;
}
