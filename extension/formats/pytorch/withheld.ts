import { globalName, nodeOf, type PickleValue } from '../pickle/values.ts';
import type { Withheld } from '../stateDict/tensors.ts';
import { moduleParts } from './moduleTree.ts';
import { tensorOf } from './tensor.ts';
import type { Walk } from './walk.ts';

/** Quantised modules, and objects of native code that hold their weights. */
const packed = /^(?:__torch__\.)?torch\.(?:(?:ao\.)?nn\.(?:\w+\.)*quantized|classes\.(?:quantized|rnn))\./;
const native = /^torch\.ScriptObject$|^__torch__\.torch\.classes\./;
/** Functions that make tensors; those that give a plain one are `tensorOf`'s. */
const rebuilding = /^torch\.(?:_utils|_tensor)\._rebuild_/;
/** Where quantised modules keep such an object, below their own names. */
const packedPlace = /(?:^|\.)_packed_\w+(?:\..*)?$/s;

/** What a value at this name keeps from being read: nothing, or one. */
export function withheldIn(value: PickleValue, name: string): Withheld[] {
  const made = nodeOf(value, 'object') && globalName(value);
  if (made === undefined || tensorOf(value)) return [];
  const isTensor = rebuilding.test(made);
  if (made === 'torch._utils._rebuild_qtensor' || (!isTensor && isPacked(made, name)))
    return [{ name: packedModule(name), why: 'packed' }];
  if (isTensor) return [{ name, why: 'unread' }];
  return native.test(made) ? [{ name, why: 'unlisted' }] : [];
}

/** The same of what should be a module or a tensor: what is no such thing may hold anything. */
export function withheldPart(value: PickleValue, name: string, walk: Walk): Withheld[] {
  const isKnown = !nodeOf(value, 'object') || tensorOf(value) || moduleParts(value, walk);
  const withheld = isKnown ? [] : withheldIn(value, name);
  return isKnown || withheld.length > 0 ? withheld : [{ name, why: 'unlisted' }];
}

function isPacked(made: string, name: string): boolean {
  return packed.test(made) || (native.test(made) && packedPlace.test(name));
}

function packedModule(name: string): string {
  const module = packedPlace.test(name) ? name.replace(packedPlace, '') : name.replace(/\.[^.]*$/s, '');
  return module === '' ? name : module;
}
