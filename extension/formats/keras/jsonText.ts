/** A part of a JSON text: where it stands, and the parts of an object or array. */
export interface JsonPart {
  readonly start: number;
  readonly end: number;
  readonly members?: ReadonlyMap<string, JsonPart>;
  readonly items?: readonly JsonPart[];
}

/**
 * A JSON text of which parts are replaced while every other byte stays: writing it anew would change how numbers are written, such as
 * 0.0 or 1e-07, and round those beyond 2^53.
 */
export class JsonText {
  readonly root: JsonPart;
  readonly #text: string;
  readonly #edits = new Map<JsonPart, string>();

  /** @param text valid JSON */
  constructor(text: string) {
    this.#text = text;
    this.root = partAt(text, skipSpace(text, 0));
  }

  valueOf(part: JsonPart | undefined): unknown {
    return part && JSON.parse(this.#text.slice(part.start, part.end));
  }

  replace(part: JsonPart, value: number): void {
    this.#edits.set(part, String(value));
  }

  toString(): string {
    let result = '';
    let from = 0;
    for (const [part, text] of [...this.#edits].sort(([a], [b]) => a.start - b.start)) {
      result += this.#text.slice(from, part.start) + text;
      from = part.end;
    }
    return result + this.#text.slice(from);
  }
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
