import type { PickleValue } from '../pickle/values.ts';
import { moduleParts } from './moduleTree.ts';
import { type Named, type TensorTree, tensorsBelow } from './namedTensors.ts';
import { partsOf } from './partsOf.ts';
import { elementsOf, identityOf } from './tensor.ts';
import type { Walk } from './walk.ts';

/** Under these keys checkpoints keep the weights themselves; the first that is there counts. */
const weightKeys = [
  'state_dict',
  'model_state_dict',
  'model_state',
  'model',
  'module',
  'net',
  'network',
  'weights',
  'params',
  'state',
];

/** Wrappers that put their own name before those of the module that they wrap: DataParallel's and torch.compile's. */
const wrappers = ['module', '_orig_mod'];

const mostLevels = 8;

/**
 * The model's weights among all that a file holds: its state dict, or that of the module that it is. A checkpoint is gone down into, by the
 * usual keys or where only one part has weights, until something has tensors of its own. Names of checkpoints and wrappers are taken off.
 */
export function weightsIn(root: PickleValue, walk: Walk): ChosenTree {
  const whole = tensorsBelow(root, walk);
  let part = root;
  let tree = whole;
  let path = '';
  const others: [string, TensorTree][] = [];
  for (let level = 0; level < mostLevels && !moduleParts(part, walk); level++) {
    const inner = innerPart(part, walk);
    if (!inner) break;
    for (const [key, other] of inner.others) others.push([path + key, other]);
    [part, tree, path] = [inner.part, inner.tree, `${path}${inner.key}.`];
  }
  const chosen = new Set(tree.tensors.map(({ tensor }) => identityOf(tensor)));
  const apart = others.filter(([, { tensors }]) =>
    tensors.some(({ tensor }) => !chosen.has(identityOf(tensor))),
  );
  return { ...unwrapped(tree), optimizers: whole.optimizers, others: apart.map(([name]) => name) };
}

/** The weights that count, and where else there are some. */
export interface ChosenTree extends TensorTree {
  /** Keys of what holds other weights, such as averages; optimizers aside. */
  readonly others: readonly string[];
}

interface InnerPart {
  readonly key: string;
  readonly part: PickleValue;
  readonly tree: TensorTree;
  readonly others: readonly (readonly [key: string, tree: TensorTree])[];
}

/** The one part to go on with; undefined where the value has tensors of its own, or several parts that may be meant. */
function innerPart(value: PickleValue, walk: Walk): InnerPart | undefined {
  const parts = new Map(partsOf(value, walk).filter(([, part]) => part !== null && typeof part === 'object'));
  const trees = new Map([...parts].map(([key, part]) => [key, tensorsBelow(part, walk)] as const));
  if ([...trees.values()].some(({ tensors }) => tensors.some((own) => own.name === '' && isOfWeights(own))))
    return undefined;
  const filled = [...trees].filter(([, { tensors }]) => tensors.some(isOfWeights));
  const recurrent = filled.filter(([, { tensors }]) => tensors.some(isRecurrent));
  const candidates = recurrent.length > 0 ? recurrent : filled;
  const usual = weightKeys.find((key) => candidates.some(([own]) => own === key));
  const [key, tree] = candidates.find(([own]) => own === usual) ?? candidates[0] ?? [];
  if (key === undefined || tree === undefined || (usual === undefined && candidates.length > 1))
    return undefined;
  const others = filled.filter(([own]) => own !== key);
  return { key, part: parts.get(key) ?? null, tree, others };
}

/** Not the state of a generator of random numbers, nor a score or a count of steps, as checkpoints hold them beside weights. */
function isOfWeights({ tensor }: Named): boolean {
  return tensor.type.dtype !== undefined && elementsOf(tensor) > 1;
}

/** A name of what belongs to a recurrent module, whatever it is kept as. */
export const recurrentTensor = /(^|\.)weight_hh/;

function isRecurrent({ name }: Named): boolean {
  return recurrentTensor.test(name);
}

function unwrapped(tree: TensorTree): TensorTree {
  const wrapper = wrappers.find(
    (name) => tree.tensors.length > 0 && tree.tensors.every((own) => own.name.startsWith(`${name}.`)),
  );
  if (wrapper === undefined) return tree;
  const cut = (name: string) => name.slice(wrapper.length + 1);
  return unwrapped({
    ...tree,
    tensors: tree.tensors.map((own) => ({ ...own, name: cut(own.name) })),
    withheld: tree.withheld.map((own) => ({ ...own, name: unwrappedName(own.name, wrapper, tree) })),
    modules: new Map(
      [...tree.modules].filter(([name]) => name !== '').map(([name, module]) => [cut(name), module]),
    ),
  });
}

/** What belongs to the wrapper itself keeps its name, and so does the wrapped module where it has no class to be called by. */
function unwrappedName(name: string, wrapper: string, { modules }: TensorTree): string {
  if (name === wrapper && modules.has(wrapper)) return '';
  return name.startsWith(`${wrapper}.`) ? name.slice(wrapper.length + 1) : name;
}
