import type { Place } from './jsonPlace.ts';

/** Where a layer of Keras' configuration stands in a JSON text. */
export interface LayerPlace {
  /** Names of the layers that it is in, without the model, and its own; `/` between them. */
  readonly path: string;
  /** Of its name, key and value. */
  readonly place: Place;
}

/** An object or array that is open at a place of the text. */
interface Open {
  readonly kind: '{' | '[';
  /** Of the object that this one is a value of. */
  readonly key: string | undefined;
  /** Which key the next value is of. */
  next: string | undefined;
  isLayer: boolean;
  name?: { readonly value: string; readonly place: Place };
  /** Layers in it, as far as their paths are known. */
  readonly inner: { readonly names: readonly string[]; readonly place: Place }[];
}

/**
 * Finds the layers in the text of a model's configuration, nested ones too: objects with a `class_name` that have a `name`, or whose
 * `config` does. The text need not be well-formed; what is found up to a fault is given.
 */
export function layerPlaces(text: string): LayerPlace[] {
  const stack: Open[] = [open('[', undefined)];
  for (const { 0: token, 1: value, index: offset } of text.matchAll(
    /("(?:[^"\\]|\\.)*")(?:(\s*:\s*)("(?:[^"\\]|\\.)*")?)?|[{}[\]]/g,
  )) {
    const top = stack[stack.length - 1];
    if (token === '{' || token === '[') {
      stack.push(open(token, top.next));
      top.next = undefined;
    } else if (token === '}' || token === ']') {
      if (stack.length > 1) close(stack);
    } else if (value !== token && top.kind === '{') noteMember(top, token, value, offset);
  }
  while (stack.length > 1) close(stack);
  return stack[0].inner.map(({ names, place }) => ({ path: names.join('/'), place }));
}

function open(kind: Open['kind'], key: string | undefined): Open {
  return { kind, key, next: undefined, isLayer: false, inner: [] };
}

/** `"key":`, with its value where that is a text. */
function noteMember(top: Open, token: string, key: string, offset: number): void {
  const own = parsed(key);
  const rest = /:\s*(".*")$/s.exec(token.slice(key.length))?.[1];
  top.next = rest === undefined ? own : undefined;
  if (own === 'class_name') top.isLayer = true;
  if (own === 'name' && rest !== undefined)
    top.name ??= { value: parsed(rest), place: { offset, length: token.length } };
}

/** Keys under which the model itself stands, whose own name is in no path. */
const modelKeys: readonly (string | undefined)[] = ['modelTopology', 'model_config'];

/** Hands what an object holds to the one around it: the name of a `config` to its layer, layers with their path. */
function close(stack: Open[]): void {
  const done = stack.pop();
  const around = stack.at(-1);
  if (!done || !around) return;
  if (done.key === 'config' && !done.isLayer && done.name) around.name ??= done.name;
  const own = done.isLayer && !modelKeys.includes(done.key) ? done.name : undefined;
  if (own) around.inner.push({ names: [own.value], place: own.place });
  for (const { names, place } of done.inner)
    around.inner.push({ names: own ? [own.value, ...names] : names, place });
}

function parsed(token: string): string {
  try {
    return String(JSON.parse(token));
  } catch {
    return token.slice(1, -1);
  }
}

/** The place of a recurrent layer by its name in reports; a direction of a Bidirectional stands where that does. */
export function placeOfLayer(places: readonly LayerPlace[], name: string): Place | undefined {
  const parts = name.split('/');
  for (let length = parts.length; length > 0; length--) {
    const path = parts.slice(0, length).join('/');
    const found = places.find((one) => one.path === path);
    if (found) return found.place;
  }
  return undefined;
}
