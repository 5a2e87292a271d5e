import {
  globalName,
  nodeOf,
  type PickleEntry,
  type PickleObject,
  type PickleValue,
} from '../pickle/values.ts';
import type { ModuleFacts } from '../stateDict/tensors.ts';
import type { Walk } from './walk.ts';

/** What a module holds, in the order of its state dict. */
export interface ModuleParts {
  readonly facts: ModuleFacts;
  /** With its package: `torch.nn.modules.rnn.LSTM`, `__torch__.net.Tagger`. */
  readonly className: string;
  /** The class is one of torch.nn. */
  readonly isOfTorch: boolean;
  /** The state that its `__setstate__` would get, where that is a dict, as of all modules that do not write their own. */
  readonly attributes: readonly PickleEntry[];
  readonly groups: readonly ModuleGroup[];
}

/** The parameters of a module, or its buffers, or its submodules. */
export interface ModuleGroup {
  /** The dict that they stand in. */
  readonly dict: PickleValue | undefined;
  readonly entries: readonly PickleEntry[];
  readonly areBuffers: boolean;
  /** Names that belong to no state dict. */
  readonly leftOut: ReadonlySet<PickleValue>;
  /** Tensors or modules alone, no other attributes. */
  readonly areWeights: boolean;
}

/** A pickled nn.Module, or an object of a TorchScript archive; undefined for anything else. Its code is neither there nor wanted. */
export function moduleParts(value: PickleValue, walk: Walk): ModuleParts | undefined {
  const object = nodeOf(value, 'object');
  if (!object) return undefined;
  const attributes = walk.entries(object.state);
  const className = classNameOf(object);
  if (!attributes || className === undefined) return undefined;
  const groups = isScript(className) ? scriptGroups(attributes) : groupsOf(attributes, walk);
  return (
    groups && {
      facts: factsOf(className, attributes, walk),
      className,
      isOfTorch: packaged.test(className),
      attributes,
      groups,
    }
  );
}

/** Undefined of what is no nn.Module. */
function groupsOf(attributes: readonly PickleEntry[], walk: Walk): ModuleGroup[] | undefined {
  const attribute = (name: string) => attributes.find(([key]) => key === name)?.[1];
  const group = (name: string) => groupOf(attribute(name), walk);
  const [parameters, buffers, children] = ['_parameters', '_buffers', '_modules'].map(group);
  if (!parameters || !children) return undefined;
  const leftOut = walk.members(attribute('_non_persistent_buffers_set')) ?? new Set();
  return [parameters, ...(buffers ? [{ ...buffers, areBuffers: true, leftOut }] : []), children];
}

function groupOf(dict: PickleValue | undefined, walk: Walk): ModuleGroup | undefined {
  const entries = walk.entries(dict);
  return entries && { dict, entries, areBuffers: false, leftOut: new Set(), areWeights: true };
}

/** TorchScript keeps parameters, buffers and submodules side by side, as attributes. */
function scriptGroups(all: readonly PickleEntry[]): ModuleGroup[] {
  const isModule = ([, value]: PickleEntry) => isScript(classNameOf(nodeOf(value, 'object')) ?? '');
  return [false, true].map((modules) => ({
    dict: undefined,
    entries: all.filter((entry) => isModule(entry) === modules),
    areBuffers: false,
    leftOut: new Set(),
    areWeights: modules,
  }));
}

function isScript(className: string): boolean {
  return className.startsWith('__torch__.');
}

/** The class, which the legacy format pickles together with its source as ('module', class, file, source). */
function classNameOf(object: PickleObject | undefined): string | undefined {
  if (!object) return undefined;
  const name = globalName(object.made);
  if (name === 'copy_reg._reconstructor' || name === 'copyreg._reconstructor')
    return classNameIn(nodeOf(object.args, 'tuple')?.items[0]);
  return name === undefined || nodeOf(object.made, 'global') === undefined ? classNameIn(object.made) : name;
}

function classNameIn(value: PickleValue | undefined): string | undefined {
  const id = nodeOf(nodeOf(value, 'persistent')?.id, 'tuple');
  const named = id?.items[0] === 'module' ? id.items[1] : value;
  return nodeOf(named, 'global') && globalName(named);
}

/** TorchScript mangles names of classes that it has seen before. */
const packaged = /^(?:__torch__\.)?torch\.nn\.(?:\w+\.)*(?:___torch_mangle_\d+\.)?(\w+)$/;

/** Classes of torch.nn go by their bare names, others by their whole ones, so that nobody takes `my.LSTM` for PyTorch's. */
function factsOf(className: string, attributes: readonly PickleEntry[], walk: Walk): ModuleFacts {
  const plain = attributes.flatMap(([key, value]) => {
    const option = plainOf(value, walk);
    if (option === undefined || typeof key !== 'string' || key.startsWith('_')) return [];
    return [[key, option] as const];
  });
  return { className: packaged.exec(className)?.[1] ?? className, options: new Map(plain) };
}

function plainOf(value: PickleValue, walk: Walk): unknown {
  if (value === null || ['boolean', 'number', 'string'].includes(typeof value)) return value;
  const items = walk.items(value);
  return items?.every((item) => typeof item === 'number') ? items : undefined;
}

/** `state` and `param_groups`, and a few that some optimizers add. */
const mostOptimizerKeys = 16;

/** The state dict of an optimizer, and whether there is anything in it; undefined for anything else. */
export function optimizerState(value: PickleValue, walk: Walk): { filled: boolean } | undefined {
  if ((walk.entries(value)?.length ?? 0) > mostOptimizerKeys) return undefined;
  const groups = walk.entry(value, 'param_groups');
  const state = walk.entries(walk.entry(value, 'state'));
  return walk.items(groups) && state && { filled: state.length > 0 };
}
