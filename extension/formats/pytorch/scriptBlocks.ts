import { Beyond, Raised, type ScriptBounds } from './scriptBounds.ts';
import type { Variables } from './scriptChanges.ts';
import type { ScriptModel } from './scriptModel.ts';
import { differing, ended, itemOf } from './scriptResult.ts';
import type { Expression, Statement } from './scriptTree.ts';
import { type AxisName, extentOf, isSame, numberOf, type ScriptValue, unknown } from './scriptValues.ts';

/** Turns of a loop over a number that is known. */
const mostTurns = 100;

/** Goes through statements: both ways of a condition that is not known, and the turns of a loop until they are alike. */
export class ScriptBlocks {
  readonly #evaluate: (expression: Expression, variables: Variables) => ScriptValue;
  readonly #model: ScriptModel;
  readonly #bounds: ScriptBounds;

  constructor(
    evaluate: (expression: Expression, variables: Variables) => ScriptValue,
    model: ScriptModel,
    bounds: ScriptBounds,
  ) {
    this.#evaluate = evaluate;
    this.#model = model;
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
        this.#set(statement, this.#evaluate(statement.value, variables), variables);
        return undefined;
      case 'return':
        return this.#evaluate(statement.value, variables);
      case 'do':
        this.#evaluate(statement.value, variables);
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
      variables.set(name, isTuple ? itemOf(value, i) : value);
    }
  }

  #if({ condition, body, otherwise }: Extract<Statement, { is: 'if' }>, variables: Variables) {
    const value = this.#evaluate(condition, variables);
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
      if (a && b) variables.set(name, this.#isSame(a, b) ? a : differing(a, b));
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
    const number = count && this.#evaluate(count, variables);
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
    this.#overSteps(name, number.axis, body, variables);
    return undefined;
  }

  /**
   * The first turn begins with zeros, others with what one before them leaves. What is not the same behind two of them is not known, and they
   * are gone through again with that, until nothing changes: then one turn stands for all.
   */
  #overSteps(name: string, axis: AxisName, body: readonly Statement[], variables: Variables): void {
    variables.set(name, { is: 'number', axis, isEach: true });
    const before = new Map(variables);
    const { isLater } = this.#model;
    const turn = () => {
      if (this.goThrough(body, variables)) throw new Beyond('for');
    };
    turn();
    this.#model.isLater = true;
    const lost = new Set<string>();
    for (let known = -1; known !== lost.size; ) {
      known = lost.size;
      const once = new Map(variables);
      turn();
      for (const [own, value] of variables) {
        const first = once.get(own) ?? value;
        if (!lost.has(own) && this.#isSame(first, value)) continue;
        lost.add(own);
        variables.set(own, differing(first, value));
      }
    }
    this.#model.isLater = isLater;
    for (const [own, value] of variables)
      if (!lost.has(own) && value !== before.get(own)) variables.set(own, ended(value));
  }

  #isSame(a: ScriptValue, b: ScriptValue): boolean {
    this.#bounds.count(1 + (a === b ? 0 : extentOf(a) + extentOf(b)));
    return isSame(a, b);
  }
}
