/** Expressions and variables that are looked at, and calls within each other. */
const mostSteps = 200_000;
const mostCalls = 40;
/** Blocks and expressions within each other, through all calls. */
const deepest = 500;

/** What makes the whole code more than layers, such as a value that is changed in place. */
export class Beyond extends Error {}

/** An error that the code itself raises. */
export class Raised extends Error {}

/** How far code is gone into. All throw `Beyond` where it is further. */
export class ScriptBounds {
  #steps = 0;
  #calls = 0;
  #depth = 0;

  count(steps: number): void {
    this.#steps += steps;
    if (this.#steps > mostSteps) throw new Beyond('…');
  }

  /** One level further into the code. */
  within<T>(go: () => T): T {
    if (++this.#depth > deepest) throw new Beyond('…');
    try {
      return go();
    } finally {
      this.#depth--;
    }
  }

  /** A function within those that call it. */
  call<T>(name: string, go: () => T): T {
    if (++this.#calls > mostCalls) throw new Beyond(name);
    try {
      return go();
    } finally {
      this.#calls--;
    }
  }
}
