import {
  type DescribedLayer,
  type DescribedModule,
  type DescribedWord,
  moduleOptions,
} from '../../protocol/modelDescription.ts';
import { belowOne, fromZero } from '../../protocol/valueChecks.ts';
import { entryOf } from '../entryOf.ts';
import type { Link } from './links.ts';
import type { Modules } from './modules.ts';
import type { ModuleFacts } from './tensors.ts';

/** Modules without weights, by their classes in torch.nn. */
const wordOfClass: Readonly<Partial<Record<string, DescribedWord>>> = {
  ReLU: 'relu',
  Tanh: 'tanh',
  Sigmoid: 'sigmoid',
  GELU: 'gelu',
  ELU: 'elu',
  SELU: 'selu',
  SiLU: 'silu',
  Softplus: 'softplus',
  Softmax: 'softmax',
  LogSoftmax: 'logSoftmax',
};
/** A model that has one of these, and does not say where, has it at its output. */
const atOutput: readonly DescribedLayer[] = ['sigmoid', 'softmax', 'logSoftmax'];

/** What a module's own options say. */
export function moduleFacts(
  { name, kind }: Pick<Link, 'name' | 'kind'>,
  { facts }: Modules,
): Partial<DescribedModule> {
  const options = facts.get(name)?.options;
  const value = (key: string) => options?.get(key);
  if (kind === 'lstm' || kind === 'gru' || kind === 'rnn') {
    const [dropout, nonlinearity] = [value('dropout'), value('nonlinearity')];
    return {
      ...(isAbove0(dropout) && belowOne.allows(dropout) && { dropout }),
      // Said where it is only taken for granted, too: it changes every output.
      ...(kind === 'rnn' && { nonlinearity: nonlinearity === 'relu' ? 'relu' : 'tanh' }),
    };
  }
  if (kind === 'conv1d') return windowFacts(value);
  const epsilon = value('eps');
  return kind.endsWith('Norm') && isAbove0(epsilon) ? { epsilon } : {};
}

/** Of a convolution what is not as it is where nothing is said. */
function windowFacts(value: (key: string) => unknown): Partial<DescribedModule> {
  const own = (key: 'stride' | 'padding' | 'dilation' | 'groups') => {
    const option = value(key);
    const one = Array.isArray(option) ? option[0] : option;
    return moduleOptions.conv1d[key].allows(one) && one !== (key === 'padding' ? 0 : 1) ? { [key]: one } : {};
  };
  return { ...own('stride'), ...own('padding'), ...own('dilation'), ...own('groups') };
}

/** What stands between two modules that follow each other. */
export interface Between {
  readonly layers: readonly DescribedLayer[];
  /** No function of the code stands there, too. */
  readonly isAll: boolean;
}

/**
 * What is known to stand between two modules. Those of one Sequential are usually called by their places, `0`, `2`, so that nothing stands
 * between neighbours. Elsewhere modules are made in about the order of their calls, but functions are called as well: where an activation
 * was made, that is the one.
 */
export function between(before: string, after: string, modules: Modules): Between {
  const { facts } = modules;
  const parent = parentOf(before);
  const isTogether = parent === parentOf(after);
  if (facts.size === 0)
    return { layers: [], isAll: isTogether && Number(placeOf(after)) === Number(placeOf(before)) + 1 };
  const paths = [...facts.keys()];
  const inside = paths.slice(paths.indexOf(before) + 1, paths.indexOf(after));
  const layers = inside.flatMap((path) => layerOf(facts.get(path)));
  if (isTogether && isSequential(parent, modules)) return { layers, isAll: true };
  const found = layers.filter((layer) => !atOutput.includes(layer));
  return { layers: found, isAll: found.some(isActive) };
}

/** Whether a layer without weights does anything but drop values. */
export function isActive(layer: DescribedLayer): boolean {
  return typeof layer === 'string' || !('dropout' in layer);
}

/** The activation of a model that has one for all its layers, and calls it where it wants. */
export function freeActivation(modules: Modules): DescribedLayer | undefined {
  return freeLayers(modules).find((layer) => isActive(layer) && !atOutput.includes(layer));
}

/** What follows the last module. */
export function outputLayers(chain: readonly Link[], modules: Modules): DescribedLayer[] {
  const { facts } = modules;
  const last = chain.at(-1)?.name ?? '';
  const parent = parentOf(last);
  const paths = [...facts.keys()];
  const siblings = paths.slice(paths.indexOf(last) + 1).filter((path) => parentOf(path) === parent);
  if (isSequential(parent, modules)) {
    const own = siblings.flatMap((path) => layerOf(facts.get(path)));
    if (own.length > 0) return own;
  }
  return freeLayers(modules)
    .filter((layer) => atOutput.includes(layer))
    .slice(0, 1);
}

/** Layers without weights that stand in no Sequential. */
function freeLayers(modules: Modules): DescribedLayer[] {
  return [...modules.facts].flatMap(([path, own]) =>
    isSequential(parentOf(path), modules) ? [] : layerOf(own),
  );
}

/** Whether a module is an activation that a graph can have. */
export function isActivation(facts: ModuleFacts): boolean {
  return entryOf(wordOfClass, facts.className) !== undefined || layerOf(facts).length > 0;
}

function layerOf(facts: ModuleFacts | undefined): DescribedLayer[] {
  if (!facts) return [];
  const { className, options } = facts;
  const word = entryOf(wordOfClass, className);
  if (word !== undefined) return [word];
  const [rate, slope] = [options.get('p'), options.get('negative_slope')];
  if (className === 'Dropout' && isAbove0(rate) && belowOne.allows(rate)) return [{ dropout: rate }];
  if (className === 'LeakyReLU' && isAbove0(slope) && fromZero.allows(slope)) return [{ leakyRelu: slope }];
  return [];
}

function isSequential(path: string, { facts }: Modules): boolean {
  return facts.get(path)?.className === 'Sequential';
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('.')));
}

/** Its place in a Sequential. */
function placeOf(path: string): string | undefined {
  return /(?:^|\.)(\d+)$/.exec(path)?.[1];
}

function isAbove0(value: unknown): value is number {
  return typeof value === 'number' && value > 0;
}
