import { nodeOf, type PickleValue } from '../pickle/values.ts';
import type { Withheld } from '../stateDict/tensors.ts';
import { attributesBeside, type Beside, withheldBeside } from './beside.ts';
import { type ModuleParts, moduleParts, optimizerState } from './moduleTree.ts';
import { partsOf } from './partsOf.ts';
import { type TorchTensor, tensorOf } from './tensor.ts';
import type { Walk } from './walk.ts';
import { withheldIn, withheldPart } from './withheld.ts';

/** One tensor under one name; two names may have the same tensor. */
export interface Named {
  readonly name: string;
  readonly tensor: TorchTensor;
  /** A buffer of a module, which training does not change by gradients. */
  readonly buffer: boolean;
}

/** The tensors in one part of a file, and the modules they belong to, if it knows of any. */
export interface TensorTree {
  readonly tensors: readonly Named[];
  readonly modules: ReadonlyMap<string, ModuleParts>;
  /** State dicts of optimizers, which were passed over; empty ones aside. */
  readonly optimizers: readonly PickleValue[];
  readonly withheld: readonly Withheld[];
}

/** Nothing that people save is nested deeper. */
const deepest = 64;

/**
 * Every tensor below a value, by the names that lead to it, joined by dots. Optimizer state is passed over. What is there twice is gone
 * through once, also where modules hold it beside what is named, so the time is bounded by the size of the pickle.
 */
export function tensorsBelow(root: PickleValue, walk: Walk): TensorTree {
  const tensors = new Map<string, Named>();
  const modules = new Map<string, ModuleParts>();
  const seen = new Set<PickleValue>();
  const optimizers: PickleValue[] = [];
  const withheld: Withheld[] = [];
  const beside: Beside[] = [];

  const isNew = (value: PickleValue | undefined): boolean => {
    if (value === null || typeof value !== 'object') return true;
    const before = seen.size;
    return seen.add(value).size > before;
  };
  const visit = (value: PickleValue, name: string, depth: number, buffer: boolean): void => {
    if (value === null || typeof value !== 'object' || depth > deepest) return;
    const tensor = tensorOf(value);
    if (tensor) {
      if (!tensors.has(name)) tensors.set(name, { name, tensor, buffer });
      return;
    }
    if (!isNew(value) || !isNew(nodeOf(value, 'object')?.state)) return;
    const optimizer = optimizerState(value, walk);
    if (optimizer) {
      if (optimizer.filled) optimizers.push(value);
      return;
    }
    const module = moduleParts(value, walk);
    if (module) {
      modules.set(name, module);
      visitModule(module, name, depth);
      return;
    }
    withheld.push(...withheldIn(value, name));
    for (const [key, part] of partsOf(value, walk)) visit(part, joined(name, key), depth + 1, buffer);
  };
  const visitModule = (module: ModuleParts, name: string, depth: number): void => {
    for (const { dict, entries, areBuffers, leftOut, areWeights } of module.groups) {
      if (!isNew(dict)) continue;
      for (const [key, part] of entries) {
        const own = joined(name, String(key));
        if (leftOut.has(key)) {
          // Whether code reads such a buffer is told only of PyTorch's own: it knows of none that others give it.
          beside.push({ module: name, name: own, value: part, isRegistered: !module.isOfTorch });
          continue;
        }
        if (areWeights) withheld.push(...withheldPart(part, own, walk));
        visit(part, own, depth + 1, areBuffers);
      }
    }
    for (const [key, value] of module.attributes)
      withheld.push(...withheldIn(value, joined(name, String(key))));
    for (const [key, value] of attributesBeside(module))
      beside.push({ module: name, name: joined(name, String(key)), value, isRegistered: false });
  };
  visit(root, '', 0, false);
  const named = [...tensors.values()];
  // What is registered as well was gone through already, whatever list it stands in besides.
  const others = withheldBeside(
    beside,
    named.map(({ tensor }) => tensor),
    walk,
    isNew,
  );
  return { tensors: named, modules, optimizers, withheld: [...withheld, ...others] };
}

function joined(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}
