import { globalName, nodeOf, type PickleValue } from '../pickle/values.ts';
import type { Withheld } from '../stateDict/tensors.ts';
import { type ModuleParts, moduleParts } from './moduleTree.ts';
import { partsOf } from './partsOf.ts';
import { identityOf, type TorchTensor, tensorOf } from './tensor.ts';
import type { Walk } from './walk.ts';

/** Quantised modules, and objects of native code that hold their weights. */
const packed = /\btorch\.(?:ao\.)?nn\.(?:\w+\.)*quantized\.|\btorch\.classes\.(?:quantized|rnn)\./;
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

/** A value that a module holds beside its parameters, persistent buffers and children. */
export interface Beside {
  readonly module: string;
  readonly value: PickleValue;
}

/** Such values of a module: buffers that no state dict lists, and attributes, with what lists and dicts among these hold. */
export function besideModule(
  { groups, attributes, isOfTorch }: ModuleParts,
  name: string,
  walk: Walk,
): Beside[] {
  const own = new Set(groups.map(({ dict }) => dict));
  const values = attributes.filter(([, value]) => !own.has(value)).map(([, value]) => value);
  return [
    ...groups.flatMap(({ entries, leftOut }) =>
      entries.filter(([key]) => leftOut.has(key)).map(([, part]) => part),
    ),
    // Modules of PyTorch's own have parameters a second time, or as they were computed last.
    ...(isOfTorch ? [] : values.flatMap((value) => [value, ...partsOf(value, walk).map(([, part]) => part)])),
  ].map((value) => ({ module: name, value }));
}

/**
 * Those modules that hold more weights than are named: tensors of floats, or modules with tensors in a plain list.
 * @param isListed whether a value is among what was named
 * @param holdsTensors whether a module has any
 */
export function unlisted(
  beside: readonly Beside[],
  named: Iterable<TorchTensor>,
  holdsMore: (value: PickleValue) => boolean,
): Withheld[] {
  const identities = new Set([...named].map(identityOf));
  const isMore = ({ value }: Beside) => {
    const tensor = tensorOf(value);
    return tensor ? tensor.type.dtype !== undefined && !identities.has(identityOf(tensor)) : holdsMore(value);
  };
  return beside.filter(isMore).map(({ module }) => ({ name: module, why: 'unlisted' }));
}
