import { entryOf } from '../entryOf.ts';
import { isActivation } from './moduleFacts.ts';
import type { Modules } from './modules.ts';
import type { ModuleFacts } from './tensors.ts';

/** Classes of torch.nn that leave values as they are when a model is evaluated, or compute what their children do. */
const inert =
  /^(?:Sequential|ModuleList|ModuleDict|ParameterList|ParameterDict|Module|Identity|Flatten|Unflatten|\w*Dropout\w*|(?:Distributed)?DataParallel|(?!AdaptiveLogSoftmaxWith)\w+Loss)$/;
/** Those that have weights, be they under another name that shares them. */
const weighted = /^(?:(?:LSTM|GRU|RNN)(?:Cell)?|Linear|Embedding|EmbeddingBag)$/;
/** Options of activations with the only values that are computed. */
const options: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  ELU: { alpha: 1 },
  GELU: { approximate: 'none' },
  Softplus: { beta: 1, threshold: 20 },
};

/** The first module of torch.nn that has no tensors and computes something else than activations that are known; undefined of none. */
export function unknownModule({ facts, order }: Modules): string | undefined {
  const owners = new Set(order);
  return [...facts].find(([path, own]) => !owners.has(path) && !isKnown(own))?.[0];
}

/** A class of the user's own goes by its whole name; what that does with its children nobody can know. */
function isKnown(facts: ModuleFacts): boolean {
  const { className } = facts;
  if (className.includes('.') || inert.test(className) || weighted.test(className)) return true;
  const isUsual = Object.entries(entryOf(options, className) ?? {}).every(([key, usual]) => {
    const value = facts.options.get(key);
    return value === undefined || value === usual;
  });
  return isUsual && isActivation(facts);
}
