import type { ClassAttributes } from './classAttributes.ts';
import { callsIn, type ScriptCall } from './scriptCalls.ts';

/** What is known of a value in TorchScript's code. */
export type ScriptValue =
  /** A state that is all zeros, or none, which is the same. */
  | { readonly is: 'zeros' }
  /** `state` is what a recurrent module of one layer and direction ends with. */
  | { readonly is: 'integer' | 'state' | 'linear' | 'relu' | 'other' }
  /** The length of an axis; its last index; an index that a loop counts from the first to the last. */
  | { readonly is: 'length' | 'last' | 'step'; readonly axis: string }
  /** By its place from the class whose code it is, which is `''`. */
  | { readonly is: 'module'; readonly path: string; readonly type: string };

const other: ScriptValue = { is: 'other' };
const zeros: ScriptValue = { is: 'zeros' };
const state: ScriptValue = { is: 'state' };
const integer: ScriptValue = { is: 'integer' };

/** Calls within each other that are looked into. */
const deepest = 8;
/** Characters that are looked at in all code together: code may be made of calls that all have the same long argument. */
const mostCharacters = 20_000_000;

const making = /^torch\.(?:zeros|zeros_like|new_zeros)$/;
const keeping = /^torch\.(?:to|expand|contiguous|unsqueeze|squeeze|detach|transpose|requires_grad_)$/;
const counting = /^torch\.(?:add|sub|mul|floordiv|floor_divide|remainder|neg)$/;

/** The values of one function after another, told by the lines that make them. */
export class ScriptValues {
  private readonly classes: ClassAttributes;
  /** Methods that return zeros, as `__torch__.net.Net.init_hidden`. */
  private readonly zeroMethods: ReadonlySet<string>;
  private readonly integers: ReadonlySet<string>;
  private readonly variables = new Map<string, ScriptValue>();
  /** Attributes that were read, as `__torch__.net.Net.lstm`. */
  readonly read = new Set<string>();
  private readonly functions = new Map<string, string>();
  private left = mostCharacters;

  /** @param integers what code calls constants that are numbers of no axes */
  constructor(
    classes: ClassAttributes,
    zeroMethods: ReadonlySet<string>,
    integers: ReadonlySet<string> = new Set(),
  ) {
    this.classes = classes;
    this.zeroMethods = zeroMethods;
    this.integers = integers;
  }

  /** Goes to another function. */
  begin(): void {
    this.variables.clear();
    this.functions.clear();
  }

  /** @param text a parameter with its type: `x: Tensor`, `h: Optional[Tensor]=None` */
  parameter(name: string, type: string, isFirst: boolean): void {
    if (type.endsWith('=None')) this.variables.set(name, zeros);
    else if (/^int\b/.test(type)) this.variables.set(name, integer);
    else if (type.startsWith('__torch__.'))
      this.variables.set(name, { is: 'module', path: isFirst ? '' : name, type });
  }

  /** A variable that is written again, as behind a condition, is zeros only if it is so each time. */
  assign(names: readonly string[], text: string): void {
    if (/^__torch__\.[\w.]+$/.test(text)) {
      for (const name of names) this.functions.set(name, text);
      return;
    }
    const parts = names.length > 1 ? (callsIn(`all(${text})`).at(-1)?.args ?? []) : [text];
    const values = parts.map((part) => this.valueOf(part));
    for (const [i, name] of names.entries()) {
      const value = parts.length === names.length ? values[i] : this.partOf(values[0], i, text);
      const before = this.variables.get(name);
      this.variables.set(name, before && before.is !== value.is ? other : value);
    }
  }

  /** What one of several variables gets of a value; of an LSTM's state the first is what its outputs end with. */
  private partOf(whole: ScriptValue, i: number, text: string): ScriptValue {
    if (whole.is === 'zeros' || (whole.is === 'state' && i === 0)) return whole;
    return i === 1 && this.endsSingle(text) ? state : other;
  }

  /** @param text how a loop goes on: `range(torch.size(x, 1))` */
  count(name: string, text: string): void {
    const bound = this.valueOf(/^range\((.+)\)$/.exec(text)?.[1] ?? '');
    this.variables.set(name, bound.is === 'length' ? { is: 'step', axis: bound.axis } : integer);
  }

  /** The whole name of a function that has another in the code. */
  functionOf(name: string): string {
    return this.functions.get(name) ?? name;
  }

  valueOf(text: string, depth = 0): ScriptValue {
    this.left -= text.length;
    if (this.left < 0 || depth > deepest) return other;
    if (text === 'None') return zeros;
    if (/^-?\d+$/.test(text) || this.integers.has(text)) return integer;
    if (/^\w+$/.test(text)) return this.variables.get(text) ?? other;
    const [, base, name] = /^(\w+)\.(\w+)$/.exec(text) ?? /^getattr\((\w+), "(\w+)"\)$/.exec(text) ?? [];
    if (name !== undefined) return this.attribute(base, name);
    const [, indexed] = /^\((\w+)\)\[\d+\]$/.exec(text) ?? [];
    if (indexed !== undefined) return this.valueOf(indexed, depth + 1).is === 'zeros' ? zeros : other;
    const isTuple = /^[([].*[)\]]$/.test(text) && !/^\([\w.]+\)\./.test(text);
    const call = callsIn(isTuple ? `all(${text.slice(1, -1)})` : text).at(-1);
    if (!call) return other;
    if (!isTuple) return this.result(call, depth + 1);
    return call.args.every((item) => this.valueOf(item, depth + 1).is === 'zeros') ? zeros : other;
  }

  /** Whether a call is of a recurrent module of one layer and direction. */
  private endsSingle(text: string): boolean {
    const [, on] = /^\((\w+)\)\.forward\w*\(/.exec(text) ?? [];
    const module = on === undefined ? other : this.valueOf(on);
    const own = module.is === 'module' ? this.classes.get(module.type) : undefined;
    const isSingle =
      own?.get('num_layers') === 'Final[int] = 1' && own.get('bidirectional') === 'Final[bool] = False';
    return isSingle && module.is === 'module' && module.type.startsWith('__torch__.torch.nn.modules.rnn.');
  }

  private attribute(base: string, name: string): ScriptValue {
    const owner = this.variables.get(base);
    if (owner?.is !== 'module') return other;
    this.read.add(`${owner.type}.${name}`);
    const type = this.classes.get(owner.type)?.get(name) ?? '';
    if (/^(?:int$|Final\[int\])/.test(type)) return integer;
    const path = owner.path === '' ? name : `${owner.path}.${name}`;
    return type.startsWith('__torch__.') ? { is: 'module', path, type } : other;
  }

  private result({ name, args, on }: ScriptCall, depth: number): ScriptValue {
    const first = (): ScriptValue => this.valueOf(args[0] ?? '', depth);
    if (on !== undefined) return this.answer(name, this.valueOf(on, depth), first);
    const whole = this.functionOf(name);
    if (making.test(name)) return zeros;
    if (name === 'unchecked_cast' || name === 'annotate') return this.valueOf(args[1] ?? '', depth);
    if (/^(?:int|ops\.prim\.NumToTensor)$/.test(name)) return first();
    if (name === 'torch.size' && args.length === 2) return { is: 'length', axis: args[1] };
    if (name === 'torch.len' || name === 'torch.dim') return integer;
    if (counting.test(name)) return this.counted(name, args, depth);
    if (keeping.test(name)) return first().is === 'zeros' ? zeros : other;
    if (isRelu(whole)) return first().is === 'linear' ? { is: 'relu' } : other;
    return /^(?:torch\.|__torch__\.torch\.nn\.functional\.)dropout_?$/.test(whole) ? first() : other;
  }

  private counted(name: string, args: readonly string[], depth: number): ScriptValue {
    const values = args.map((text) => this.valueOf(text, depth));
    if (!values.every(isWhole)) return other;
    const [length] = values;
    const isLast = (name === 'torch.sub' && args[1] === '1') || (name === 'torch.add' && args[1] === '-1');
    return length?.is === 'length' && isLast ? { is: 'last', axis: length.axis } : integer;
  }

  /** What a method of a module returns. */
  private answer(method: string, module: ScriptValue, first: () => ScriptValue): ScriptValue {
    if (module.is !== 'module') return other;
    if (this.zeroMethods.has(`${module.type}.${method}`)) return zeros;
    const className = /^__torch__\.torch\.nn\.modules\.(?:\w+\.)*(\w+)$/.exec(module.type)?.[1] ?? '';
    if (!method.startsWith('forward')) return other;
    if (className === 'Linear') return { is: 'linear' };
    return /^(?:Dropout|Identity)$/.test(className) ? first() : other;
  }
}

/** Whether it is an integer of any meaning. */
export function isWhole({ is }: ScriptValue): boolean {
  return is === 'integer' || is === 'length' || is === 'last' || is === 'step';
}

/** @param name with that of its package */
export function isRelu(name: string): boolean {
  return /^(?:torch\.relu_?|__torch__\.torch\.nn\.functional\.relu)$/.test(name);
}
