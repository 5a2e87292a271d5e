import type { PickleValue } from '../pickle/values.ts';
import type { Walk } from './walk.ts';

/** What a dict, a list or a tuple holds, by keys or indices. */
export function partsOf(value: PickleValue, walk: Walk): (readonly [string, PickleValue])[] {
  const entries = walk.entries(value);
  if (entries)
    return entries.flatMap(([key, part]) =>
      typeof key === 'string' || typeof key === 'number' ? [[String(key), part] as const] : [],
    );
  return (walk.items(value) ?? []).map((part, i) => [String(i), part]);
}
