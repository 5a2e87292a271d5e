/** What was tried: smaller is better in both. */
export interface Tried {
  readonly size: number;
  readonly loss: number;
}

/** Those than which no other is both smaller, or as small, and better, or as good; by size, the first of equals. */
export function paretoFront<T extends Tried>(tried: readonly T[]): T[] {
  const front: T[] = [];
  for (const one of tried.toSorted((a, b) => a.size - b.size || a.loss - b.loss))
    if (one.loss < (front.at(-1)?.loss ?? Number.POSITIVE_INFINITY)) front.push(one);
  return front;
}
