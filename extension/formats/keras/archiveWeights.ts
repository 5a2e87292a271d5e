import type { Hdf5File } from '../hdf5/file.ts';
import type { LayerConfig } from './config.ts';
import { type GroupNames, type Leaf, leavesOf } from './leaves.ts';
import type { WeightPaths } from './legacyWeights.ts';

/** What holds a network's layers, and held them in Keras 2.12. */
export const containers = { layers: 'layers', dependencies: '_layer_checkpoint_dependencies' } as const;

/**
 * Finds the arrays of every layer in the `model.weights.h5` of a `.keras` archive: `layers/<group>/[cell/]vars/0…`.
 * The group is named by the class, not by the layer; the attribute `name` of its `vars` says which layer it is.
 */
export function archiveWeights(file: Hdf5File, model: LayerConfig): WeightPaths {
  const names = groupNamesOf(file);
  const paths = new Map<string, readonly string[]>();
  const leaves = leavesOf(model, names);
  for (const leaf of leaves) {
    paths.set(
      leaf.path,
      groupsOf(leaf).flatMap((group) => variables(file, group)),
    );
  }
  // A layer used both in a nested model and outside it is stored once, where Keras came upon it first.
  for (const leaf of leaves) {
    if (paths.get(leaf.path)?.length !== 0) continue;
    const stored = leaves.find((other) => isSameLayer(leaf, other) && paths.get(other.path)?.length !== 0);
    paths.set(leaf.path, stored ? (paths.get(stored.path) ?? []) : []);
  }
  return paths;
}

/** Keras 2.12 keeps a model's layers as its dependencies, and on Windows joins the names of groups by backslashes. */
function varsOf(file: Hdf5File, group: string): string {
  const old = group
    .split('/')
    .map((name) => (name === containers.layers ? containers.dependencies : name))
    .join('/');
  const paths = [group, old].flatMap((path) => [`/${path}/vars`, `/${path.replaceAll('/', '\\')}/vars`]);
  return paths.find((path) => file.kind(path) === 'group') ?? paths[0];
}

/** The groups that hold a layer's variables, in the order in which the layer lists them. */
function groupsOf({ className, group }: Leaf): string[] {
  if (className !== 'MultiHeadAttention') return [group];
  // Older versions of Keras 3 call the layers inside by their private attributes.
  return ['query', 'key', 'gate', 'value', 'output'].flatMap((name) => [
    `${group}/${name}_dense`,
    `${group}/_${name}_dense`,
  ]);
}

function variables(file: Hdf5File, group: string): string[] {
  const vars = varsOf(file, group);
  const keys = file.keys(vars).sort((a, b) => Number(a) - Number(b));
  return keys.map((key) => `${vars}/${key}`);
}

/** The groups of the layers in a file, by the layers' names. */
export function groupNamesOf(file: Hdf5File): GroupNames {
  return (container, layers) => named(file, container) ?? countedGroups(layers);
}

function isSameLayer(a: Leaf, b: Leaf): boolean {
  return a.className === b.className && a.direction === b.direction && a.names.at(-1) === b.names.at(-1);
}

/** Layer name to group by the `name` attributes; undefined in files that were written before these, or have other containers. */
function named(file: Hdf5File, container: string): Map<string, string> | undefined {
  const groups = new Map<string, string>();
  for (const group of file.keys(`/${container}`)) {
    const name = file.attribute(`/${container}/${group}/vars`, 'name');
    if (typeof name !== 'string') return undefined;
    groups.set(name, group);
  }
  return groups.size > 0 ? groups : undefined;
}

/** Layer name to group by counting: the class in snake case, then `_1`, `_2`, … for its further layers. */
export function countedGroups(
  layers: readonly Pick<LayerConfig, 'className' | 'name' | 'operation'>[],
): Map<string, string> {
  const used = new Map<string, number>();
  const groups = new Map<string, string>();
  for (const layer of layers) {
    if (layer.operation) continue;
    const base = snakeCase(layer.className);
    const count = used.get(base) ?? 0;
    used.set(base, count + 1);
    groups.set(layer.name, count === 0 ? base : `${base}_${count}`);
  }
  return groups;
}

function snakeCase(className: string): string {
  return className
    .replace(/\W+/g, '')
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}
