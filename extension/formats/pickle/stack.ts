import type { PickleCursor } from './cursor.ts';
import type { PickleTuple, PickleValue } from './values.ts';

/** The values that the opcodes work on; of each is known which byte of the pickle put it there. */
export class PickleStack {
  readonly #values: PickleValue[] = [];
  readonly #places: number[] = [];
  readonly #marks: number[] = [];
  readonly #cursor: PickleCursor;

  constructor(cursor: PickleCursor) {
    this.#cursor = cursor;
  }

  push(value: PickleValue, place: number): void {
    this.#values.push(value);
    this.#places.push(place);
  }

  pop(): PickleValue {
    const value = this.top();
    this.#values.pop();
    this.#places.pop();
    return value;
  }

  top(): PickleValue {
    const value = this.#values.at(-1);
    if (value === undefined || this.#values.length === this.#marks.at(-1)) throw this.#cursor.damaged();
    return value;
  }

  mark(): void {
    this.#marks.push(this.#values.length);
  }

  /** Takes off what lies above the last mark, and the mark. */
  popMarked(): PickleTuple {
    const mark = this.#marks.pop();
    if (mark === undefined) throw this.#cursor.damaged();
    return this.#splice(mark);
  }

  popTuple(length: number): PickleTuple {
    const from = this.#values.length - length;
    if (from < (this.#marks.at(-1) ?? 0)) throw this.#cursor.damaged();
    return this.#splice(from);
  }

  /** POP takes off a mark, too, where one lies on top. */
  discard(): void {
    if (this.#marks.length > 0 && this.#marks.at(-1) === this.#values.length) this.#marks.pop();
    else this.pop();
  }

  #splice(from: number): PickleTuple {
    return { kind: 'tuple', items: this.#values.splice(from), places: this.#places.splice(from) };
  }
}
