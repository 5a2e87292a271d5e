/**
 * Names that no two things have: the first keeps its own, others get a number behind a separator, from 2 on. Takes no longer for many equal
 * names than for others.
 */
export class UniqueNames {
  readonly #separator: string;
  /** The last number behind each name. */
  readonly #numbers = new Map<string, number>();

  constructor(separator: string) {
    this.#separator = separator;
  }

  /** The name, or where another has it, one like it. */
  of(name: string): string {
    const before = this.#numbers.get(name);
    if (before === undefined) {
      this.#numbers.set(name, 1);
      return name;
    }
    for (let n = before + 1; ; n++) {
      const candidate = `${name}${this.#separator}${n}`;
      if (this.#numbers.has(candidate)) continue;
      this.#numbers.set(name, n);
      this.#numbers.set(candidate, 1);
      return candidate;
    }
  }
}
