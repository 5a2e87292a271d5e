import { attributeOf } from './scriptAttributes.ts';
import { type Evaluating, ScriptBlocks } from './scriptBlocks.ts';
import { Beyond, Raised, ScriptBounds } from './scriptBounds.ts';
import { type TracedCell, tracedCell } from './scriptCells.ts';
import { ScriptChanges, type Variables } from './scriptChanges.ts';
import { appended, itemOf } from './scriptLists.ts';
import { operatorIn, type ScriptFacts, type ScriptModel } from './scriptModel.ts';
import { isView, operated } from './scriptOperators.ts';
import type { ScriptFunction, ScriptParameter, ScriptProgram } from './scriptProgram.ts';
import { type Computed, computedOf } from './scriptResult.ts';
import { ScriptSteps } from './scriptSteps.ts';
import type { Expression } from './scriptTree.ts';
import {
  type Axis,
  type AxisName,
  extentOf,
  itemsOf,
  literal,
  type NumberValue,
  none,
  numberOf,
  other,
  type ScriptValue,
  unknown,
  unknownIn,
  zeros,
} from './scriptValues.ts';

/** Operators that change a list or a dict. */
const changing = /^torch\.(?:append|extend|insert|pop|clear|_set_item|__setitem__|Delete)$/;
/** A value may be used as it was before where these work in place: they are called on what is not needed any more. */
const inPlace =
  /^(?:relu|tanh|sigmoid|elu|selu|silu|leaky_relu|dropout|squeeze|unsqueeze|transpose|detach|requires_grad)$/;

/** What a method of the class of a model computes of one input with these axes. */
export function computedBy(
  program: ScriptProgram,
  className: string,
  facts: ScriptFacts,
  axes: readonly AxisName[],
): Computed {
  const run = new ScriptRun(program, facts);
  try {
    return run.model(className, axes);
  } catch (error) {
    if (error instanceof Beyond) return { beyond: error.message };
    if (error instanceof Raised) return { beyond: 'raise' };
    throw error;
  }
}

class ScriptRun {
  readonly #program: ScriptProgram;
  readonly #facts: ScriptFacts;
  readonly #model: ScriptModel;
  readonly #bounds = new ScriptBounds();
  readonly #changes = new ScriptChanges();
  readonly #blocks: ScriptBlocks;

  constructor(program: ScriptProgram, facts: ScriptFacts) {
    this.#program = program;
    this.#facts = facts;
    const { layerOf, shapeOf } = facts;
    this.#model = { layerOf, shapeOf, isLater: false, loop: 0, steps: undefined, windows: new Map() };
    const evaluating: Evaluating = {
      valueOf: (expression, variables) => this.#valueOf(expression, variables),
      itemOf: (whole, index) => this.#itemOf(whole, numberOf(index)),
    };
    const steps = new ScriptSteps(this.#model, this.#changes, this.#bounds);
    this.#blocks = new ScriptBlocks(evaluating, steps, this.#bounds);
  }

  model(className: string, names: readonly AxisName[]): Computed {
    const name = `${className}.forward`;
    const [, ...parameters] = this.#program.functionOf(name)?.parameters ?? [];
    const axes = names.map((one): Axis => [{ name: one }]);
    const given: ScriptValue[] = [
      { is: 'module', path: '', type: className },
      { is: 'tensor', layers: [], axes },
    ];
    for (const { name, value } of parameters.slice(1)) if (!value) given.push(unknown(name));
    const returned = this.#call(name, given);
    return computedOf(returned, this.#model.steps, (value) => this.#changes.changedBy(value));
  }

  /** Of a method the first value is its module. */
  #call(name: string, given: readonly ScriptValue[]): ScriptValue {
    const found = this.#program.functionOf(name);
    if (!found) return unknownIn(itemsOf(...given)) ?? unknown(name.replace(/^__torch__\./, ''));
    return this.#bounds.call(name, () => {
      const variables: Variables = new Map();
      for (const [i, parameter] of found.parameters.entries())
        variables.set(parameter.name, given[i] ?? this.#default(parameter, variables));
      return this.#blocks.goThrough(found.body, variables) ?? none;
    });
  }

  #default({ value }: ScriptParameter, variables: Variables): ScriptValue {
    return value ? this.#valueOf(value, variables) : other;
  }

  #valueOf(expression: Expression, variables: Variables): ScriptValue {
    this.#bounds.count(1);
    return this.#bounds.within(() => this.#computed(expression, variables));
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
        return index.is === 'number' ? this.#itemOf(whole, index) : unknown('[]');
      }
      case 'call':
        return this.#called(expression, variables);
    }
  }

  #itemOf(whole: ScriptValue, index: NumberValue): ScriptValue {
    const changed = this.#changes.changedBy(whole);
    const made = changed === undefined ? itemOf(whole, index, this.#model) : unknown(changed);
    if (whole.is === 'slices') this.#changes.addView(made, whole);
    return made;
  }

  #named(name: string, variables: Variables): ScriptValue {
    const known = variables.get(name);
    if (known) return known;
    if (name.startsWith('CONSTANTS.')) {
      const value = this.#facts.integers.get(name);
      return value === undefined ? { is: 'weight', name } : numberOf(value);
    }
    const [base, ...path] = name.split('.');
    let value = variables.get(base);
    if (!value) return { is: 'function', name };
    for (const part of path) value = this.#attribute(value, part);
    return value;
  }

  #attribute(owner: ScriptValue, name: string): ScriptValue {
    return attributeOf(owner, name, this.#program, this.#facts);
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
    if (named.some((key) => !/^(?:dtype|layout|device|pin_memory|memory_format)$/.test(key)))
      return unknown(whole);
    return this.#operated(whole, values, variables);
  }

  #method(
    owner: Extract<ScriptValue, { is: 'module' }>,
    name: string,
    args: readonly ScriptValue[],
  ): ScriptValue {
    const whole = `${owner.type}.${name}`;
    const found = this.#program.functionOf(whole);
    if (!found) return unknown(owner.path || name);
    const traced = tracedCell(owner.type, found);
    return traced ? this.#cell(owner, traced, found, args) : this.#call(whole, [owner, ...args]);
  }

  /** A cell of which tracing has left its arithmetic, as the operator that computes the same. */
  #cell(
    owner: Extract<ScriptValue, { is: 'module' }>,
    { operator, input, states, hasBiases, returns }: TracedCell,
    { parameters }: ScriptFunction,
    args: readonly ScriptValue[],
  ): ScriptValue {
    const places = new Map(parameters.map(({ name }, i) => [name, i - 1]));
    const given = (name: string) => (name === 'zeros' ? zeros : (args[places.get(name) ?? -1] ?? other));
    const weights = ['weight_ih', 'weight_hh', ...(hasBiases ? ['bias_ih', 'bias_hh'] : [])];
    const values = [
      given(input),
      states.length === 1 ? given(states[0]) : itemsOf(...states.map(given)),
      ...weights.map((name) => this.#attribute(owner, name)),
    ];
    const left = this.#operated(`torch.${operator}`, values, new Map());
    const all = left.is === 'items' ? left.items : [left];
    const [first, ...more] = returns.map((place) => all[place] ?? left);
    return more.length === 0 ? first : itemsOf(first, ...more);
  }

  /** What an operator of PyTorch makes of what it is given, and of variables where it works in place. */
  #operated(name: string, values: readonly ScriptValue[], variables: Variables): ScriptValue {
    const [input] = values;
    const list = this.#added(name, values, variables);
    if (list) return list;
    if (changing.test(name)) throw new Beyond(input?.is === 'unknown' ? input.name : name);
    const isInPlace = /[^_]_$/.test(name) && input?.is !== 'unknown';
    if (isInPlace && !inPlace.test(operatorIn(name))) throw new Beyond(name);
    this.#bounds.count(values.reduce((sum, value) => sum + extentOf(value), 0));
    const changed = this.#changes.changedIn(values);
    const made = changed === undefined ? operated(name, values, this.#model) : unknown(changed);
    if (isInPlace && made !== input) {
      this.#bounds.count(variables.size);
      this.#changes.change(input, made, name, variables);
    } else if (isView(name) && made !== input) this.#changes.addView(made, input);
    return made;
  }

  /** A list with more values, and what has become of variables where it is the same list; undefined of other operators. */
  #added(name: string, [list, added]: readonly ScriptValue[], variables: Variables): ScriptValue | undefined {
    const isList = list?.is === 'items' || list?.is === 'collected';
    const values = name === 'torch.append' ? [added] : added?.is === 'items' ? added.items : undefined;
    if (!isList || !values || !/^torch\.(?:append|add_?)$/.test(name)) return undefined;
    this.#bounds.count(variables.size + extentOf(list) + extentOf(added));
    const changed = this.#changes.changedBy(list);
    let made: ScriptValue = changed === undefined ? list : unknown(changed);
    for (const value of values) {
      if (made.is === 'items' || made.is === 'collected') made = appended(made, value, name, this.#model);
      if (made.is === 'collected') this.#changes.addView(made, value);
    }
    if (name !== 'torch.add') this.#changes.changeList(list, made, name, variables);
    return made;
  }
}
