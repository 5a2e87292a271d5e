// biome-ignore lint/suspicious/noExplicitAny: it stands before functions of any kind
type AnyFunction = (...args: any[]) => unknown;

/** Adds up the time inside some methods of an object, by standing before them until it is stopped. */
export class CallClock {
  readonly #times = new Map<string, number>();
  readonly #restore: (() => void)[] = [];
  /** A call within a call is the outer one's time. */
  #depth = 0;

  /** @param labels by method: under what a call's time is added up, from its first argument */
  constructor(target: object, labels: Readonly<Record<string, (first: unknown) => string>>) {
    const methods = target as Record<string, AnyFunction>;
    for (const [name, label] of Object.entries(labels)) {
      const original = methods[name];
      const timed: AnyFunction = (...args) => {
        if (this.#depth > 0) return original.apply(target, args);
        this.#depth++;
        const start = performance.now();
        try {
          return original.apply(target, args);
        } finally {
          const key = label(args[0]);
          this.#times.set(key, (this.#times.get(key) ?? 0) + performance.now() - start);
          this.#depth--;
        }
      };
      const before = Object.getOwnPropertyDescriptor(target, name);
      Object.defineProperty(target, name, { value: timed, configurable: true, writable: true });
      // A class' method shows again when what hides it is gone.
      this.#restore.push(() => {
        if (before) Object.defineProperty(target, name, before);
        else Reflect.deleteProperty(target, name);
      });
    }
  }

  /** Milliseconds by label. */
  stop(): ReadonlyMap<string, number> {
    for (const restore of this.#restore) restore();
    return this.#times;
  }
}
