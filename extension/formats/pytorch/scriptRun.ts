import { operatorIn, type ScriptFacts, type ScriptModel } from './scriptModel.ts';
import { isView, operated } from './scriptOperators.ts';
import type { ScriptParameter, ScriptProgram } from './scriptProgram.ts';
import { type Computed, computedOf, differing, ended, flat, itemOf } from './scriptResult.ts';
import type { Expression, Statement } from './scriptTree.ts';
import {
  type Axis,
  type AxisName,
  constantOf,
  extentOf,
  isSame,
  itemsOf,
  literal,
  none,
  numberOf,
  other,
  type ScriptValue,
  truthOf,
  unknown,
  unknownIn,
} from './scriptValues.ts';

/** Expressions and variables that are looked at, and calls within each other. */
const mostSteps = 200_000;
const mostCalls = 40;
/** Blocks and expressions within each other, through all calls. */
const deepest = 500;
/** Letters of the way to a module. */
const longestPath = 1000;
/** Turns of a loop over a number that is known. */
const mostTurns = 100;
/** Operators that change a list or a dict. */
const changing = /^torch\.(?:append|extend|insert|pop|clear|_set_item|__setitem__|Delete)$/;
/** A value may be used as it was before where these work in place: they are called on what is not needed any more. */
const inPlace =
  /^(?:relu|tanh|sigmoid|elu|selu|silu|leaky_relu|dropout|squeeze|unsqueeze|transpose|detach|requires_grad)$/;

class Raised extends Error {}
/** What makes the whole code more than layers, such as a value that is changed in place. */
class Beyond extends Error {}

/** What a method of the class of a model computes of one input of so many axes. */
export function computedBy(
  program: ScriptProgram,
  className: string,
  facts: ScriptFacts,
  rank: 2 | 3,
): Computed {
  const run = new ScriptRun(program, facts);
  try {
    return run.model(className, rank);
  } catch (error) {
    if (error instanceof Beyond) return { beyond: error.message };
    if (error instanceof Raised) return { beyond: 'ops.prim.RaiseException' };
    throw error;
  }
}

type Variables = Map<string, ScriptValue>;

class ScriptRun {
  readonly #program: ScriptProgram;
  readonly #facts: ScriptFacts;
  readonly #model: ScriptModel;
  /** Of views what they are views of. */
  readonly #roots = new Map<ScriptValue, ScriptValue>();
  /** By values that operators changed in place the operators' names. */
  readonly #changed = new Map<ScriptValue, string>();
  #steps = 0;
  #calls = 0;
  #depth = 0;

  constructor(program: ScriptProgram, facts: ScriptFacts) {
    this.#program = program;
    this.#facts = facts;
    this.#model = { layerOf: facts.layerOf, shapeOf: facts.shapeOf, isLater: false, steps: undefined };
  }

  model(className: string, rank: 2 | 3): Computed {
    const name = `${className}.forward`;
    const [, ...parameters] = this.#program.functionOf(name)?.parameters ?? [];
    const axes = (['a0', 'a1', 'a2'] as const).slice(0, rank).map((one): Axis => [{ name: one }]);
    const given: ScriptValue[] = [
      { is: 'module', path: '', type: className },
      { is: 'tensor', layers: [], axes },
    ];
    for (const { name, value } of parameters.slice(1)) if (!value) given.push(unknown(name));
    const returned = this.#call(name, given);
    return computedOf(returned, this.#model.steps, (value) => this.#changed.get(this.#rootOf(value)));
  }

  /** Of a method the first value is its module. */
  #call(name: string, given: readonly ScriptValue[]): ScriptValue {
    const found = this.#program.functionOf(name);
    if (!found) return unknownIn(itemsOf(...given)) ?? unknown(name.replace(/^__torch__\./, ''));
    if (++this.#calls > mostCalls) throw new Beyond(name);
    const variables: Variables = new Map();
    for (const [i, parameter] of found.parameters.entries())
      variables.set(parameter.name, given[i] ?? this.#default(parameter, variables));
    const returned = this.#block(found.body, variables);
    this.#calls--;
    return returned ?? none;
  }

  #default({ value }: ScriptParameter, variables: Variables): ScriptValue {
    return value ? this.#valueOf(value, variables) : other;
  }

  /** What is returned, where a statement does. */
  #block(statements: readonly Statement[], variables: Variables): ScriptValue | undefined {
    return this.#within(() => {
      for (const statement of statements) {
        const returned = this.#do(statement, variables);
        if (returned) return returned;
      }
      return undefined;
    });
  }

  /** One level further into the code. */
  #within<T>(go: () => T): T {
    if (++this.#depth > deepest) throw new Beyond('…');
    try {
      return go();
    } finally {
      this.#depth--;
    }
  }

  #do(statement: Statement, variables: Variables): ScriptValue | undefined {
    switch (statement.is) {
      case 'set':
        this.#set(statement, this.#valueOf(statement.value, variables), variables);
        return undefined;
      case 'return':
        return this.#valueOf(statement.value, variables);
      case 'do':
        this.#valueOf(statement.value, variables);
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
    const value = this.#valueOf(condition, variables);
    const known = value.is === 'truth' ? value.value : value.is === 'none' ? false : undefined;
    if (known !== undefined) return this.#block(known ? body : otherwise, variables);
    const ways = [body, otherwise].flatMap((statements) => {
      const own: Variables = new Map(variables);
      const returned = this.#alive(() => this.#block(statements, own));
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
    const calls = this.#calls;
    try {
      return go();
    } catch (error) {
      if (!(error instanceof Raised)) throw error;
      this.#calls = calls;
      return 'raised';
    }
  }

  #for(
    { name, over, body }: Extract<Statement, { is: 'for' }>,
    variables: Variables,
  ): ScriptValue | undefined {
    const [count] = over.is === 'call' && over.name === 'range' && over.args.length === 1 ? over.args : [];
    const number = count && this.#valueOf(count, variables);
    if (number?.is !== 'number') throw new Beyond('for');
    if (number.value !== undefined && number.value <= mostTurns) {
      for (let i = 0; i < number.value; i++) {
        this.#count(1);
        variables.set(name, numberOf(i));
        const returned = this.#block(body, variables);
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
      if (this.#block(body, variables)) throw new Beyond('for');
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

  #valueOf(expression: Expression, variables: Variables): ScriptValue {
    this.#count(1);
    return this.#within(() => this.#computed(expression, variables));
  }

  #computed(expression: Expression, variables: Variables): ScriptValue {
    switch (expression.is) {
      case 'literal':
        return literal(expression.value);
      case 'items':
        return itemsOf(...expression.items.map((item) => this.#valueOf(item, variables)));
      case 'name':
        return this.#named(expression.name, variables);
      case 'item': {
        const whole = this.#valueOf(expression.of, variables);
        const index = this.#valueOf(expression.index, variables);
        return index.is === 'number' && index.value !== undefined
          ? itemOf(whole, index.value)
          : unknown('[]');
      }
      case 'call':
        return this.#called(expression, variables);
    }
  }

  #named(name: string, variables: Variables): ScriptValue {
    const known = variables.get(name);
    if (known) return known;
    if (name.startsWith('CONSTANTS.')) {
      const value = this.#facts.integers.get(name);
      if (value !== undefined) return numberOf(value);
      return this.#facts.isFrozen ? { is: 'weight', name } : unknown(name);
    }
    const [base, ...path] = name.split('.');
    let value = variables.get(base);
    if (!value) return { is: 'function', name };
    for (const part of path) value = this.#attribute(value, part);
    return value;
  }

  #attribute(owner: ScriptValue, name: string): ScriptValue {
    if (owner.is !== 'module') return unknown(name);
    const type = this.#program.attributesOf(owner.type).get(name) ?? '';
    const path = owner.path === '' ? name : `${owner.path}.${name}`;
    if (path.length > longestPath) throw new Beyond(name.slice(0, longestPath));
    if (name === 'training') return truthOf(false);
    if (type.startsWith('__torch__.')) return { is: 'module', path, type };
    if (type === 'NoneType' || type === 'Final[NoneType] = None') return none;
    if (name === '_flat_weights')
      return itemsOf(
        ...this.#facts.weightsOf(owner.path).map((own) => ({ is: 'weight', name: own }) as const),
      );
    if (/^(?:Optional\[)?Tensor\]?$/.test(type))
      return type === 'Tensor' || this.#facts.shapeOf(path) ? { is: 'weight', name: path } : none;
    const [, constant] = /^Final\[\w+\] = (.+)$/.exec(type) ?? [];
    if (constant !== undefined) return literal(constantOf(constant));
    const option = this.#facts.optionOf(owner.path, name);
    if (['number', 'boolean', 'string'].includes(typeof option))
      return literal(option as number | boolean | string);
    return /^(?:int|float)$/.test(type) ? numberOf() : type === 'bool' ? truthOf() : unknown(name);
  }

  #called({ name, on, args, named }: Extract<Expression, { is: 'call' }>, variables: Variables): ScriptValue {
    if (name === 'ops.prim.RaiseException') throw new Raised();
    if (name === 'annotate' || name === 'unchecked_cast')
      return args[1] ? this.#valueOf(args[1], variables) : other;
    if (name === 'uninitialized') return other;
    const owner = on && this.#valueOf(on, variables);
    const values = args.map((arg) => this.#valueOf(arg, variables));
    if (name === 'getattr' && args[1]?.is === 'literal')
      return this.#attribute(values[0], String(args[1].value));
    if (owner)
      return owner.is === 'module'
        ? this.#method(owner, name, values)
        : owner.is === 'unknown'
          ? owner
          : unknown(name);
    const variable = variables.get(name);
    const whole = variable?.is === 'function' ? variable.name : name;
    if (whole.startsWith('__torch__.')) return this.#call(whole, values);
    if (changing.test(whole)) throw new Beyond(whole);
    const isInPlace = /[^_]_$/.test(whole) && values[0]?.is !== 'unknown';
    if (isInPlace && !inPlace.test(operatorIn(whole))) throw new Beyond(whole);
    if (named.some((key) => !/^(?:dtype|layout|device|pin_memory|memory_format)$/.test(key)))
      return unknown(whole);
    const [input] = values;
    this.#count(values.reduce((sum, value) => sum + extentOf(value), 0));
    const changed = values.flatMap(flat).flatMap((value) => this.#changed.get(this.#rootOf(value)) ?? []);
    const made = changed.length > 0 ? unknown(changed[0]) : operated(whole, values, this.#model);
    if (isInPlace && made !== input) this.#change(input, made, whole, variables);
    else if (isView(whole) && made !== input) this.#roots.set(made, this.#rootOf(input));
    return made;
  }

  #method(
    owner: Extract<ScriptValue, { is: 'module' }>,
    name: string,
    args: readonly ScriptValue[],
  ): ScriptValue {
    const whole = `${owner.type}.${name}`;
    return this.#program.functionOf(whole)
      ? this.#call(whole, [owner, ...args])
      : unknown(owner.path || name);
  }

  /** The value whose numbers a view has. */
  #rootOf(value: ScriptValue): ScriptValue {
    return this.#roots.get(value) ?? value;
  }

  /** Variables hold what has become of a value; what others hold, such as its views or whoever called this function, is not what it was. */
  #change(before: ScriptValue, after: ScriptValue, operator: string, variables: Variables): void {
    this.#count(variables.size);
    for (const [name, value] of variables) if (value === before) variables.set(name, after);
    this.#changed.set(this.#rootOf(before), operator);
  }

  #isSame(a: ScriptValue, b: ScriptValue): boolean {
    this.#count(1 + (a === b ? 0 : extentOf(a) + extentOf(b)));
    return isSame(a, b);
  }

  #count(steps: number): void {
    this.#steps += steps;
    if (this.#steps > mostSteps) throw new Beyond('…');
  }
}
