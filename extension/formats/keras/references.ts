import { isObject } from '../json.ts';
import { array, missing } from './missing.ts';

/** One output of one call of a layer. */
export interface TensorReference {
  readonly layer: string;
  readonly call: number;
  readonly output: number;
  /** As Keras 3 writes it down, batch first; null where free. */
  readonly shape?: readonly (number | null)[];
  /** What a model that takes a dict of tensors calls this one. */
  readonly key?: string;
}

/** One [name, call, output], or lists and dicts of them. */
export function references(value: unknown): TensorReference[] {
  return leavesOf(value, 'input_layers, output_layers').map(reference);
}

/** What a network takes; of a dict of nothing but single ones with their keys, by which Keras finds the data of each. */
export function inputReferences(value: unknown): TensorReference[] {
  const all = references(value);
  const keys = isObject(value) ? sortedKeys(value) : [];
  return keys.length === all.length ? all.map((one, i) => ({ ...one, key: keys[i] })) : all;
}

/** The lists that begin with the name of a layer. Throws detailMissing, naming `key`. */
export function leavesOf(value: unknown, key: string): unknown[][] {
  if (Array.isArray(value) && typeof value[0] === 'string') return [value];
  const items = flattened(value);
  if (!items) throw missing(key);
  return items.flatMap((item) => leavesOf(item, key));
}

/** What a list or a dict holds, in the order in which Keras takes it. */
function flattened(value: unknown): unknown[] | undefined {
  if (Array.isArray(value)) return value;
  return isObject(value) ? sortedKeys(value).map((key) => value[key]) : undefined;
}

/** As Python compares texts. */
function sortedKeys(dict: object): string[] {
  return Object.keys(dict).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

/** Of [name, call, output]. */
export function reference(value: unknown): TensorReference {
  const [layer, call, output] = array(value, 'keras_history');
  return { layer: String(layer), call: Number(call ?? 0), output: Number(output ?? 0) };
}

/** A reference whose call is counted from 0. @param first what the file counts calls from, by layer */
export function counting(
  found: TensorReference,
  first: ReadonlyMap<string, number> | undefined,
): TensorReference {
  return { ...found, call: found.call - (first?.get(found.layer) ?? 0) };
}

/** Those that Keras 3 writes anywhere among what a layer is called with. */
export function tensorsIn(value: unknown): TensorReference[] {
  const { class_name: className, config } = (value ?? {}) as {
    class_name?: string;
    config?: { keras_history?: unknown; shape?: unknown };
  };
  if (className !== '__keras_tensor__') return (flattened(value) ?? []).flatMap(tensorsIn);
  const found = reference(config?.keras_history);
  const shape = Array.isArray(config?.shape) ? config.shape : undefined;
  return [
    shape ? { ...found, shape: shape.map((n) => (Number.isSafeInteger(n) && n > 0 ? n : null)) } : found,
  ];
}
