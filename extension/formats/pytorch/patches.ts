import { patchIntegers } from '../pickle/patch.ts';

/** New numbers by their places in a pickle. Two things of the file may be said by one number, which then can become but one other. */
export class Patches {
  readonly #values = new Map<number, number>();

  /** False where the place has been given another number. */
  set(place: number, value: number): boolean {
    const known = this.#values.get(place);
    this.#values.set(place, known ?? value);
    return known === undefined || known === value;
  }

  /** The pickle with the new numbers; undefined where one of them has no room. */
  applied(pickle: Buffer): Buffer | undefined {
    return patchIntegers(pickle, this.#values);
  }
}
