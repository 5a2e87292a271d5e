/** A part of a JSON text: where it stands, and the parts of an object or array. */
export interface JsonPart {
  readonly start: number;
  readonly end: number;
  readonly members?: ReadonlyMap<string, JsonPart>;
  readonly items?: readonly JsonPart[];
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * A JSON text of which parts are replaced or removed while every other byte stays: writing it anew would change how numbers are written,
 * such as 0.0 or 1e-07, and round those beyond 2^53.
 */
export class JsonText {
  readonly root: JsonPart;
  readonly #text: string;
  readonly #values = new Map<JsonPart, string>();
  readonly #others: Edit[] = [];

  /** @param text valid JSON */
  constructor(text: string) {
    this.#text = text;
    this.root = partAt(text, skipSpace(text, 0));
  }

  valueOf(part: JsonPart | undefined): unknown {
    return part && JSON.parse(this.#text.slice(part.start, part.end));
  }

  /** Puts any value of JSON in the place of a part. */
  replace(part: JsonPart, value: unknown): void {
    this.#values.set(part, written(value));
  }

  /** Removes items of an array, whatever was replaced in them; once for each array. */
  removeItems({ items = [] }: JsonPart, indices: ReadonlySet<number>): void {
    let from = items[0]?.start ?? 0;
    let kept: JsonPart | undefined;
    for (const [i, item] of items.entries()) {
      if (indices.has(i)) continue;
      if (from < item.start) this.#cut(from, item.start);
      from = items[i + 1]?.start ?? item.end;
      kept = item;
    }
    const last = items.at(-1);
    if (last && kept !== last) this.#cut(kept?.end ?? items[0].start, last.end);
  }

  /** Puts a new member before all others of an object. */
  insertMember({ start, members }: JsonPart, key: string, value: unknown): void {
    const comma = members && members.size > 0 ? ', ' : '';
    this.#others.push({
      start: start + 1,
      end: start + 1,
      text: `${written(key)}: ${written(value)}${comma}`,
    });
  }

  #cut(start: number, end: number): void {
    this.#others.push({ start, end, text: '' });
  }

  toString(): string {
    const values = [...this.#values].map(([{ start, end }, text]) => ({ start, end, text }));
    let result = '';
    let from = 0;
    for (const { start, end, text } of [...values, ...this.#others].sort(inOrder)) {
      if (start < from) continue;
      result += this.#text.slice(from, start) + text;
      from = end;
    }
    return result + this.#text.slice(from);
  }
}

/** By their places; of two at one place the longer one, which holds the other. */
function inOrder(a: Edit, b: Edit): number {
  return a.start - b.start || b.end - a.end;
}

/** In ASCII, as Python writes it. */
function written(value: unknown): string {
  const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(value).replace(/[\u007f-\uffff]/g, escaped);
}

function partAt(text: string, start: number): JsonPart {
  if (text[start] === '{') return objectAt(text, start);
  if (text[start] === '[') return arrayAt(text, start);
  if (text[start] === '"') return { start, end: stringEnd(text, start) };
  let end = start;
  while (end < text.length && !/[\s,\]}]/.test(text[end])) end++;
  return { start, end };
}

function objectAt(text: string, start: number): JsonPart {
  const members = new Map<string, JsonPart>();
  let at = skipSpace(text, start + 1);
  while (text[at] !== '}') {
    const end = stringEnd(text, at);
    const value = partAt(text, skipSpace(text, skipSpace(text, end) + 1));
    members.set(JSON.parse(text.slice(at, end)) as string, value);
    at = afterPart(text, value.end);
  }
  return { start, end: at + 1, members };
}

function arrayAt(text: string, start: number): JsonPart {
  const items: JsonPart[] = [];
  let at = skipSpace(text, start + 1);
  while (text[at] !== ']') {
    const item = partAt(text, at);
    items.push(item);
    at = afterPart(text, item.end);
  }
  return { start, end: at + 1, items };
}

/** Where the next part or the end of the list is. */
function afterPart(text: string, end: number): number {
  const at = skipSpace(text, end);
  return text[at] === ',' ? skipSpace(text, at + 1) : at;
}

function stringEnd(text: string, start: number): number {
  let at = start + 1;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && /\s/.test(text[at])) at++;
  return at;
}
