import { nodeOf, type PickleEntry, type PickleValue } from '../pickle/values.ts';
import type { Withheld } from '../stateDict/tensors.ts';
import { type ModuleParts, moduleParts } from './moduleTree.ts';
import { partsOf } from './partsOf.ts';
import { identityOf, type TorchTensor, tensorOf } from './tensor.ts';
import type { Walk } from './walk.ts';

/** A value that a module holds beside its parameters, persistent buffers and children. */
export interface Beside extends Part {
  readonly module: string;
  /** Of the value itself. */
  readonly name: string;
}

interface Part {
  readonly value: PickleValue;
  /**
   * It stands among the parameters, buffers or children of a module, be they in no state dict; else in an attribute, or as a buffer that no
   * state dict has in a module of PyTorch's own.
   */
  readonly isRegistered: boolean;
}

/**
 * Attributes of a module that are no groups of it. Those of PyTorch's own have parameters a second time, or as they were computed last, so
 * they give none.
 */
export function attributesBeside({ groups, attributes, isOfTorch }: ModuleParts): readonly PickleEntry[] {
  const own = new Set(groups.map(({ dict }) => dict));
  return isOfTorch ? [] : attributes.filter(([, value]) => !own.has(value));
}

/**
 * What of these values, at any depth, are tensors of floats that are not named. Their module is unlisted where one is a weight: a
 * parameter, or what is registered. Others, such as the states that a model was left with, belong to it as little as to its state dict:
 * aside.
 * @param isNew whether a value was not gone through yet; it is from then on. So at least one of those who share a weight is unlisted.
 */
export function withheldBeside(
  beside: readonly Beside[],
  named: Iterable<TorchTensor>,
  walk: Walk,
  isNew: (value: PickleValue | undefined) => boolean,
): Withheld[] {
  const identities = new Set([...named].map(identityOf));
  /** Goes without recursion: lists and modules may be nested as deep as the pickle is long. */
  const whyOf = (first: Part): 'unlisted' | 'aside' | undefined => {
    const rest = [first];
    let hasPlain = false;
    for (let part = rest.pop(); part; part = rest.pop()) {
      const { value, isRegistered } = part;
      const tensor = tensorOf(value);
      if (!tensor) {
        for (const inner of partsWithin(part, walk, isNew)) rest.push(inner);
        continue;
      }
      if (tensor.type.dtype === undefined || identities.has(identityOf(tensor))) continue;
      if (isRegistered || tensor.trained !== undefined) return 'unlisted';
      hasPlain = true;
    }
    return hasPlain ? 'aside' : undefined;
  };
  return beside.flatMap((own): Withheld[] => {
    const why = whyOf(own);
    return why ? [{ name: why === 'unlisted' ? own.module : own.name, why }] : [];
  });
}

/** What a module, a list or a dict holds that was not gone through yet. */
function partsWithin(
  { value, isRegistered }: Part,
  walk: Walk,
  isNew: (value: PickleValue | undefined) => boolean,
): Part[] {
  if (value === null || typeof value !== 'object') return [];
  if (!isNew(value) || !isNew(nodeOf(value, 'object')?.state)) return [];
  const module = moduleParts(value, walk);
  if (!module) return partsOf(value, walk).map(([, part]) => ({ value: part, isRegistered }));
  const registered = module.groups.filter(({ dict }) => isNew(dict)).flatMap(({ entries }) => entries);
  return [
    ...registered.map(([, part]) => ({ value: part, isRegistered: true })),
    ...attributesBeside(module).map(([, part]) => ({ value: part, isRegistered: false })),
  ];
}
