import type { Parameter } from '../../model/parameter.ts';
import { entryOf } from '../entryOf.ts';
import { type RecurrentModule, recurrentModules } from './recurrentModules.ts';
import type { ModuleFacts, NamedTensor, StateDict, Withheld } from './tensors.ts';

/** What a module's tensors can be, told by their names and shapes alone. */
export type ModuleKind = 'embedding' | 'linear' | 'conv1d' | 'batchNorm' | 'layerNorm';

/** A module with tensors of its own that is no recurrent one. */
export interface PlainModule {
  readonly path: string;
  /** Those that its tensors fit; a matrix without a bias may be an embedding or a linear layer. None: no known module. */
  readonly kinds: readonly ModuleKind[];
  readonly parameters: ReadonlyMap<string, Parameter>;
}

export interface Modules {
  readonly recurrent: readonly RecurrentModule[];
  readonly plain: readonly PlainModule[];
  /** Of losses, which are no part of the model. */
  readonly aside: readonly Parameter[];
  /** Paths of all of both, in the file's order. */
  readonly order: readonly string[];
  readonly inOrder: boolean;
  readonly facts: ReadonlyMap<string, ModuleFacts>;
  readonly withheld: readonly Withheld[];
  readonly computed?: StateDict['computed'];
}

/** Of a module whose weights are computed from others, by weight_norm, spectral_norm or another parametrization, the module's path. */
export function parametrised({ plain }: Pick<Modules, 'plain'>): string | undefined {
  for (const { path, parameters } of plain) {
    const [, module] = /^(.+)\.parametrizations\.\w+(?:\.\d+)?$/s.exec(path) ?? [];
    if (module !== undefined) return module;
    if (parameters.has('weight_v') && (parameters.has('weight_g') || parameters.has('weight_orig')))
      return path;
  }
  return undefined;
}

/** Class names of modules that a whole pickled module tells. */
const kindOfClass: Readonly<Record<string, ModuleKind>> = {
  Embedding: 'embedding',
  Linear: 'linear',
  Conv1d: 'conv1d',
  BatchNorm1d: 'batchNorm',
  LayerNorm: 'layerNorm',
};

/** Finds the modules whose tensors a state dict lists. Throws what `recurrentModules` throws. */
export function modulesOf(
  { tensors, inOrder, modules: facts = new Map(), withheld = [], computed }: StateDict,
  file: string,
): Modules {
  const recurrent = recurrentModules(tensors, file);
  const owners = new Map(
    recurrent.flatMap(({ path, tensors: own }) => own.map((tensor) => [tensor, path] as const)),
  );
  const paths = new Set(recurrent.map(({ path }) => path));
  const plain = new Map<string, Map<string, Parameter>>();
  const order = new Set<string>();
  for (const tensor of tensors) {
    const { name, parameter } = tensor;
    const owner = owners.get(tensor);
    const path = owner ?? name.slice(0, Math.max(0, name.lastIndexOf('.')));
    order.add(path);
    if (owner !== undefined || !parameter) continue;
    const own = plain.get(path) ?? new Map<string, Parameter>();
    plain.set(path, own);
    own.set(name.slice(path === '' ? 0 : path.length + 1), parameter);
  }
  const losses = new Set(
    [...plain].filter(([path, own]) => isLoss(path, own, facts.get(path)?.className)).map(([path]) => path),
  );
  const modules = [...plain].filter(([path]) => !losses.has(path));
  // What other modules hold, too, is tied to them.
  const others = new Set([
    ...recurrent.flatMap(({ tensors: own }) => own.map(({ parameter }) => parameter)),
    ...modules.flatMap(([, parameters]) => [...parameters.values()]),
  ]);
  const aside = [...losses].flatMap((path) =>
    [...(plain.get(path)?.values() ?? [])].filter((parameter) => !others.has(parameter)),
  );
  return {
    recurrent,
    plain: modules.map(([path, parameters]) => ({
      path,
      kinds: paths.has(path) ? [] : kindsOf(path, parameters, facts.get(path)),
      parameters,
    })),
    aside,
    order: [...order],
    inOrder,
    facts,
    ...(computed && { computed }),
    withheld: [
      ...withheld,
      ...tensors.filter(isUnread).map(({ name }) => ({ name, why: 'unread' as const })),
      ...aside.map(({ name }) => ({ name, why: 'aside' as const })),
    ],
  };
}

/**
 * A loss of torch.nn, whose tensors weigh classes and take no part in what the model puts out; by what people call it, and what tensors it
 * has, where nothing else says so. One that learns matrices computes as other modules do.
 */
function isLoss(
  path: string,
  parameters: ReadonlyMap<string, Parameter>,
  className: string | undefined,
): boolean {
  const isVector = ({ shape }: Parameter) => shape.length < 2;
  if (className !== undefined)
    return (
      /^\w+Loss$/.test(className) &&
      [...parameters.values()].every((parameter) => !parameter.trainable || isVector(parameter))
    );
  if (![...parameters].every(([name, one]) => /^(?:pos_)?weight$/.test(name) && isVector(one))) return false;
  return /(?:^|[._])(?:criterion|loss(?:_?fn|_?func|_?function)?)$/i.test(path);
}

/** A weight without values, as of integers that stand for others; counters and positions are only carried along. */
function isUnread({ name, parameter }: NamedTensor): boolean {
  return !parameter && /(?:^|\.)(?:weight|bias)$/.test(name);
}

function kindsOf(
  path: string,
  parameters: ReadonlyMap<string, Parameter>,
  facts: ModuleFacts | undefined,
): ModuleKind[] {
  const fitting = fittingKinds(parameters);
  const { className } = facts ?? {};
  const stated = className === undefined ? undefined : entryOf(kindOfClass, className);
  // Steps beyond the first and the last one are 0, or it is another convolution.
  if ((facts?.options.get('padding_mode') ?? 'zeros') !== 'zeros') return [];
  if (className !== undefined) return stated && fitting.includes(stated) ? [stated] : [];
  // Whoever calls a matrix so means a table.
  if (fitting.length > 1 && /emb|lookup|wte|token/i.test(path)) return ['embedding'];
  return fitting;
}

function fittingKinds(parameters: ReadonlyMap<string, Parameter>): ModuleKind[] {
  const names = [...parameters.keys()].sort().join(' ');
  const weight = parameters.get('weight');
  const rank = weight?.shape.length;
  const vectors = [...parameters.values()].every(
    ({ shape }) => shape.length === 1 && shape[0] === weight?.shape[0],
  );
  if (names === 'weight' && rank === 2) return ['embedding', 'linear'];
  if (names === 'weight' && rank === 3) return ['conv1d'];
  const bias = parameters.get('bias')?.shape;
  const hasRows = bias?.length === 1 && bias[0] === weight?.shape[0];
  if (names === 'bias weight' && rank === 2) return hasRows ? ['linear'] : [];
  if (names === 'bias weight' && rank === 3) return hasRows ? ['conv1d'] : [];
  if (names === 'bias weight' && vectors) return ['layerNorm'];
  if (names === 'weight' && rank === 1) return ['layerNorm'];
  if (names === 'bias running_mean running_var weight' && vectors) return ['batchNorm'];
  if (names === 'running_mean running_var') return ['batchNorm'];
  return [];
}
