/** Where a text has something, in UTF-16 code units. */
export interface Place {
  readonly offset: number;
  readonly length: number;
}

/**
 * Finds a key of the object that a JSON text is, or the one behind a path of keys, with its quotes; the last that is there of the path.
 * The text need not be well-formed behind it. Undefined where the object has no such key.
 */
export function placeOfKey(text: string, [key, ...rest]: readonly string[]): Place | undefined {
  const written = JSON.stringify(key);
  let depth = 0;
  for (const { 0: token, index: offset } of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]]/g)) {
    if (token === '{' || token === '[') depth++;
    else if (token === '}' || token === ']') depth--;
    if (depth === 0) return undefined;
    const end = offset + token.length;
    if (depth > 1 || token !== written || !/^\s*:/.test(text.slice(end))) continue;
    const inner = rest.length > 0 ? placeOfKey(text.slice(end), rest) : undefined;
    return inner ? { ...inner, offset: end + inner.offset } : { offset, length: token.length };
  }
  return undefined;
}
