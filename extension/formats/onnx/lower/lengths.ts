/**
 * Lengths of axes while a graph is lowered: a number, or a product of a number with lengths that are free until data comes. What is
 * not such a product, as a sum of free lengths, is a free length of its own, told by how it is computed.
 */
export type Length = number | FreeLength;

export interface FreeLength {
  readonly factor: number;
  /** Ascending. */
  readonly of: readonly string[];
}

/** What a length is computed of; no exporter writes nearly as much. */
const mostFactors = 64;
const longestText = 4096;

/** Throws RangeError where its text is longer than that of any model: lengths of lengths would take all memory. */
export function freeLength(name: string): FreeLength {
  if (name.length > longestText) throw new RangeError('A length is computed of too many others.');
  return { factor: 1, of: [name] };
}

export function sameLength(a: Length, b: Length): boolean {
  return textOf(a) === textOf(b);
}

export function times(a: Length, b: Length): Length {
  if (a === 0 || b === 0) return 0;
  return made(factorOf(a) * factorOf(b), [...freeOf(a), ...freeOf(b)]);
}

export function product(lengths: readonly Length[]): Length {
  return lengths.reduce(times, 1);
}

/** a / b where that has no rest; undefined elsewhere. */
export function over(a: Length, b: Length): Length | undefined {
  const factor = factorOf(a) / factorOf(b);
  const left = [...freeOf(a)];
  for (const name of freeOf(b)) {
    const at = left.indexOf(name);
    if (at === -1) return undefined;
    left.splice(at, 1);
  }
  return Number.isInteger(factor) ? made(factor, left) : undefined;
}

/** The one free length that two products differ by, and what it must be for them to be the same; undefined where there is none. */
export function impliedLength(a: Length, b: Length): { name: string; length: number } | undefined {
  const others = [...freeOf(b)];
  const left = freeOf(a).filter((name) => {
    const at = others.indexOf(name);
    if (at !== -1) others.splice(at, 1);
    return at === -1;
  });
  if (left.length + others.length !== 1) return undefined;
  const length = left.length === 1 ? factorOf(b) / factorOf(a) : factorOf(a) / factorOf(b);
  return Number.isInteger(length) && length > 0 ? { name: [...left, ...others][0], length } : undefined;
}

export function plus(a: Length, b: Length): Length {
  if (a === 0) return b;
  if (b === 0) return a;
  if (freeOf(a).join() === freeOf(b).join()) return made(factorOf(a) + factorOf(b), freeOf(a));
  return freeLength(`(${textOf(a)} + ${textOf(b)})`);
}

export function minus(a: Length, b: Length): Length {
  return plus(a, times(b, -1));
}

/** a / b without its rest. */
export function overDown(a: Length, b: Length): Length {
  if (typeof a === 'number' && typeof b === 'number') return Math.floor(a / b);
  return over(a, b) ?? freeLength(`⌊${textOf(a)} / ${textOf(b)}⌋`);
}

export function textOf(length: Length): string {
  if (typeof length === 'number') return String(length);
  const { factor, of } = length;
  return [...(factor === 1 ? [] : [String(factor)]), ...of].join(' · ');
}

function factorOf(length: Length): number {
  return typeof length === 'number' ? length : length.factor;
}

function freeOf(length: Length): readonly string[] {
  return typeof length === 'number' ? [] : length.of;
}

function made(factor: number, of: readonly string[]): Length {
  if (of.length > mostFactors) throw new RangeError('A length is the product of too many others.');
  return factor === 0 || of.length === 0 ? factor : { factor, of: of.toSorted() };
}
