import { isHarmless } from './frozenOperators.ts';
import type { ScriptCall } from './scriptCalls.ts';
import { isRelu, isWhole, type ScriptValue, type ScriptValues } from './scriptValues.ts';

/** Operators that move values only: what they do to axes is what a graph takes for granted. */
const moving = new Set(['view', 'reshape', 'flatten', 'zeros_like', 'new_zeros', 'requires_grad_', 'clone']);
/** What lengths are computed and compared with. */
const ofIntegers =
  /^torch\.(?:add|sub|mul|div|floordiv|floor_divide|remainder|neg|eq|ne|lt|le|gt|ge|__and__|__or__)$/;
/** Beyond the end of every axis. */
const end = '9223372036854775807';
const ownModules = '__torch__.torch.nn.modules.';
/** Own modules that have no weights; what they compute is told by their classes. */
const weightless = /\.nn\.modules\.(?:dropout|activation)\.|\.Identity$/;

/** What one function calls: modules, each once and with what the one before it gives, and what leaves values as they are. */
export class FunctionCalls {
  private readonly values: ScriptValues;
  private readonly hasOwnActivation: boolean;
  private readonly called = new Set<string>();
  private readonly given = new Set<string>();
  /** Calls of a ReLU, and how many of them stand between two linear layers. */
  private relus = 0;
  private placed = 0;

  /** @param hasOwnActivation the model has activations that are modules, or a Sequential, so that a ReLU may be theirs to place */
  constructor(values: ScriptValues, hasOwnActivation: boolean) {
    this.values = values;
    this.hasOwnActivation = hasOwnActivation;
  }

  /** What of a call is more than a layer's place in a row; undefined where nothing is. */
  beyond(call: ScriptCall, isInLoop: boolean): string | undefined {
    const { name, args, on } = call;
    if (on !== undefined || /^forward\w*$/.test(name))
      return name.startsWith('forward') ? this.ofModule(call, isInLoop) : undefined;
    const whole = this.values.functionOf(name);
    if (isRelu(whole)) {
      this.relus++;
      const isBehindLinear = !this.hasOwnActivation && !isInLoop && this.isOf(args[0], 'linear');
      return isBehindLinear ? undefined : shown(whole);
    }
    if (/^(?:torch|ops)\./.test(whole)) return this.isPlain(call) ? undefined : whole;
    if (!whole.startsWith('__torch__.torch.') || whole.startsWith(ownModules)) return undefined;
    const isDropout = /^__torch__\.torch\.nn\.functional\.(?:\w+_)?dropout\d?d?$/.test(whole);
    return isDropout && args[2] !== 'True' ? undefined : shown(whole);
  }

  /** A ReLU that stands elsewhere than between two linear layers, where a graph has one. */
  misplaced(): string | undefined {
    return this.relus === this.placed ? undefined : 'torch.relu';
  }

  private ofModule({ args, on }: ScriptCall, isInLoop: boolean): string | undefined {
    const module = this.values.valueOf(on ?? '');
    const [path, type] = module.is === 'module' ? [module.path, module.type] : [on ?? 'forward', ''];
    if (weightless.test(type)) return undefined;
    const isOwn = type.startsWith(ownModules);
    const isCell = isOwn && /\.\w+Cell$/.test(type);
    const isAgain = this.called.has(path) || (isInLoop && !isCell);
    this.called.add(path);
    const [input = ''] = args;
    const isShared = /^\w+$/.test(input) && this.given.has(input);
    this.given.add(input);
    if (isAgain || isShared || this.hasState(args, type, isCell)) return path;
    if (!/\.Linear$/.test(type) || !isOwn) return undefined;
    if (this.isOf(input, 'relu')) this.placed++;
    // A graph has an activation between linear layers.
    return this.isOf(input, 'linear') ? path : undefined;
  }

  /** Whether a layer begins with a state that is not zeros; a cell is called with one at every step. */
  private hasState(args: readonly string[], type: string, isCell: boolean): boolean {
    if (type !== '' && !/\.nn\.modules\.rnn\./.test(type)) return false;
    const values = args.map((text) => this.values.valueOf(text));
    if (isCell && args.filter((text) => text !== 'None').length < 2) return true;
    return values.filter((value) => value.is !== 'zeros' && !isWhole(value)).length > 1;
  }

  private isPlain(call: ScriptCall): boolean {
    const { name, args } = call;
    const [value = '', axis = '', from = 'None', to = 'None', step = '1'] = args;
    if (name === 'torch.select' && axis === '0' && from === '0' && this.isOf(value, 'state')) return true;
    if (name === 'torch.select') return /^(?:0|1|-2|-3)$/.test(axis) && this.isLast(from, axis);
    if (name === 'torch.slice')
      return /^(?:None|0)$/.test(from) && [end, 'None'].includes(to) && step === '1';
    if (name === 'torch.expand') return this.isOf(value, 'zeros');
    if (ofIntegers.test(name) && args.every((text) => isWhole(this.values.valueOf(text)))) return true;
    return moving.has(name.replace(/^torch\./, '')) || isHarmless(call);
  }

  /** Whether an index is the last of an axis, or goes over all of it. */
  private isLast(index: string, axis: string): boolean {
    if (index === '-1') return true;
    const value = this.values.valueOf(index);
    return (value.is === 'last' || value.is === 'step') && value.axis === axis;
  }

  private isOf(text: string | undefined, kind: ScriptValue['is']): boolean {
    return text !== undefined && this.values.valueOf(text).is === kind;
  }
}

function shown(name: string): string {
  return name.replace(/^__torch__\./, '');
}
