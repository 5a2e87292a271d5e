import type { ScriptValue } from './scriptValues.ts';

export type Variables = Map<string, ScriptValue>;

/** Which values operators have changed in place. Views share the numbers of what they are views of. */
export class ScriptChanges {
  readonly #roots = new Map<ScriptValue, ScriptValue>();
  /** By values the operators that changed them. */
  readonly #operators = new Map<ScriptValue, string>();

  addView(view: ScriptValue, of: ScriptValue): void {
    this.#roots.set(view, this.#rootOf(of));
  }

  /** The operator that changed a value, so that it is not what it was; undefined of none. */
  changedBy(value: ScriptValue): string | undefined {
    return this.#operators.get(value) ?? this.#operators.get(this.#rootOf(value));
  }

  /** The same of several, and of all that is in lists among them. */
  changedIn(values: readonly ScriptValue[]): string | undefined {
    for (const value of values) {
      const found = this.changedBy(value) ?? (value.is === 'items' ? this.changedIn(value.items) : undefined);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Variables hold what has become of a value; what others hold, such as its views or whoever called this function, is not what it was. */
  change(before: ScriptValue, after: ScriptValue, operator: string, variables: Variables): void {
    this.#replace(before, after, variables);
    this.#operators.set(this.#rootOf(before), operator);
  }

  /** The same of a list, whose values are what they were. */
  changeList(before: ScriptValue, after: ScriptValue, operator: string, variables: Variables): void {
    this.#replace(before, after, variables);
    this.#operators.set(before, operator);
  }

  #replace(before: ScriptValue, after: ScriptValue, variables: Variables): void {
    for (const [name, value] of variables) if (value === before) variables.set(name, after);
  }

  /** The value whose numbers a view has. */
  #rootOf(value: ScriptValue): ScriptValue {
    return this.#roots.get(value) ?? value;
  }
}
