import { Beyond, Raised, type ScriptBounds } from './scriptBounds.ts';
import type { Variables } from './scriptChanges.ts';
import { isBeforeSteps } from './scriptModel.ts';
import { differing } from './scriptResult.ts';
import type { ScriptSteps } from './scriptSteps.ts';
import type { Expression, Statement } from './scriptTree.ts';
import { extentOf, isSame, numberOf, type ScriptValue, unknown } from './scriptValues.ts';

/** Turns of a loop over a number that is known. */
const mostTurns = 100;

/** What statements need of expressions. */
export interface Evaluating {
  valueOf(expression: Expression, variables: Variables): ScriptValue;
  itemOf(whole: ScriptValue, index: number): ScriptValue;
}

/** Goes through statements: both ways of a condition that is not known, and the turns of a loop. */
export class ScriptBlocks {
  readonly #evaluating: Evaluating;
  readonly #steps: ScriptSteps;
  readonly #bounds: ScriptBounds;

  constructor(evaluating: Evaluating, steps: ScriptSteps, bounds: ScriptBounds) {
    this.#evaluating = evaluating;
    this.#steps = steps;
    this.#bounds = bounds;
  }

  /** What is returned, where a statement does. Throws `Beyond`, `Raised`. */
  goThrough(statements: readonly Statement[], variables: Variables): ScriptValue | undefined {
    return this.#bounds.within(() => {
      for (const statement of statements) {
        const returned = this.#do(statement, variables);
        if (returned) return returned;
      }
      return undefined;
    });
  }

  #do(statement: Statement, variables: Variables): ScriptValue | undefined {
    switch (statement.is) {
      case 'set':
        this.#set(statement, this.#evaluating.valueOf(statement.value, variables), variables);
        return undefined;
      case 'return':
        return this.#evaluating.valueOf(statement.value, variables);
      case 'do':
        this.#evaluating.valueOf(statement.value, variables);
        return undefined;
      case 'if':
        return this.#if(statement, variables);
      case 'for':
        return this.#for(statement, variables);
      case 'other':
        throw new Beyond(statement.word);
    }
  }

  #set(
    { names, isTuple }: Extract<Statement, { is: 'set' }>,
    value: ScriptValue,
    variables: Variables,
  ): void {
    for (const [i, name] of names.entries()) {
      // A model that keeps something from one call to the next.
      if (name.includes('.')) throw new Beyond(name.slice(name.indexOf('.') + 1));
      // A list is taken apart as a whole, so that its last value is at the end of an axis; a cell goes on by places.
      const isEnd = value.is === 'slices' && i === names.length - 1 && !isBeforeSteps(value.of);
      const place = isEnd ? -1 : i;
      variables.set(name, isTuple ? this.#evaluating.itemOf(value, place) : value);
    }
  }

  #if({ condition, body, otherwise }: Extract<Statement, { is: 'if' }>, variables: Variables) {
    const value = this.#evaluating.valueOf(condition, variables);
    const known = value.is === 'truth' ? value.value : value.is === 'none' ? false : undefined;
    if (known !== undefined) return this.goThrough(known ? body : otherwise, variables);
    const ways = [body, otherwise].flatMap((statements) => {
      const own: Variables = new Map(variables);
      const returned = this.#alive(() => this.goThrough(statements, own));
      return returned === 'raised' ? [] : [{ own, returned }];
    });
    if (ways.length === 0) throw new Raised();
    const [one, another = one] = ways;
    for (const name of new Set([...one.own.keys(), ...another.own.keys()])) {
      const [a, b] = [one.own.get(name), another.own.get(name)];
      if (a && b) variables.set(name, this.#isSame(a, b) ? a : differing(a, b, 'if'));
    }
    return one.returned && another.returned && this.#isSame(one.returned, another.returned)
      ? one.returned
      : one.returned || another.returned
        ? unknown('if')
        : undefined;
  }

  /** What a branch returns, or that it is not gone through without an error. */
  #alive(go: () => ScriptValue | undefined): ScriptValue | undefined | 'raised' {
    try {
      return go();
    } catch (error) {
      if (!(error instanceof Raised)) throw error;
      return 'raised';
    }
  }

  #for(
    { name, over, body }: Extract<Statement, { is: 'for' }>,
    variables: Variables,
  ): ScriptValue | undefined {
    const [count] = over.is === 'call' && over.name === 'range' && over.args.length === 1 ? over.args : [];
    const number = count && this.#evaluating.valueOf(count, variables);
    if (number?.is !== 'number') throw new Beyond('for');
    if (number.value !== undefined && number.value <= mostTurns) {
      for (let i = 0; i < number.value; i++) {
        this.#bounds.count(1);
        variables.set(name, numberOf(i));
        const returned = this.goThrough(body, variables);
        if (returned) return returned;
      }
      return undefined;
    }
    if (number.axis === undefined || number.more !== undefined) throw new Beyond('for');
    variables.set(name, { is: 'number', axis: number.axis, isEach: true });
    this.#steps.goOver(number.axis, variables, () => {
      if (this.goThrough(body, variables)) throw new Beyond('for');
    });
    return undefined;
  }

  #isSame(a: ScriptValue, b: ScriptValue): boolean {
    this.#bounds.count(1 + (a === b ? 0 : extentOf(a) + extentOf(b)));
    return isSame(a, b);
  }
}
