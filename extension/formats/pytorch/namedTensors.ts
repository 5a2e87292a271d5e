import { nodeOf, type PickleValue } from '../pickle/values.ts';
import { type ModuleParts, moduleParts, optimizerState } from './moduleTree.ts';
import { type TorchTensor, tensorOf } from './tensor.ts';
import type { Walk } from './walk.ts';

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
}

/** Nothing that people save is nested deeper. */
const deepest = 64;

/**
 * Every tensor below a value, by the names that lead to it, joined by dots. Optimizer state is passed over. What is there twice is gone
 * through once, so the time is bounded by the size of the pickle.
 */
export function tensorsBelow(root: PickleValue, walk: Walk): TensorTree {
  const tensors = new Map<string, Named>();
  const modules = new Map<string, ModuleParts>();
  const seen = new Set<PickleValue>();
  const optimizers: PickleValue[] = [];

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
    for (const [key, part] of partsOf(value, walk)) visit(part, joined(name, key), depth + 1, buffer);
  };
  const visitModule = ({ groups }: ModuleParts, name: string, depth: number): void => {
    for (const { dict, entries, areBuffers, leftOut } of groups) {
      if (!isNew(dict)) continue;
      for (const [key, part] of entries)
        if (!leftOut.has(key)) visit(part, joined(name, String(key)), depth + 1, areBuffers);
    }
  };
  visit(root, '', 0, false);
  return { tensors: [...tensors.values()], modules, optimizers };
}

/** What a dict, a list or a tuple holds, by keys or indices. */
export function partsOf(value: PickleValue, walk: Walk): (readonly [string, PickleValue])[] {
  const entries = walk.entries(value);
  if (entries)
    return entries.flatMap(([key, part]) =>
      typeof key === 'string' || typeof key === 'number' ? [[String(key), part] as const] : [],
    );
  return (walk.items(value) ?? []).map((part, i) => [String(i), part]);
}

function joined(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}
