import type { Hdf5File } from '../../hdf5/file.ts';
import { attributePath, type LayoutChanges } from '../../hdf5/rebuildable.ts';
import { type LayerConfig, networkOf } from '../config.ts';
import { leavesOf } from '../leaves.ts';
import { legacyWeights } from '../legacyWeights.ts';

/**
 * What changes in the weights of a legacy `.h5` file when only the layers of `remaining` stay: groups of the model's own layers go with
 * their names in `layer_names`, of a nested model's layers the arrays with their names in `weight_names`.
 */
export function legacyLayout(
  file: Hdf5File,
  root: string,
  model: LayerConfig,
  remaining: LayerConfig,
): LayoutChanges {
  const left = new Set(networkOf(remaining).layers.map(({ name }) => name));
  const gone = new Set(networkOf(model).layers.flatMap(({ name }) => (left.has(name) ? [] : [name])));
  const leftOut = file.keys(root).flatMap((name) => (gone.has(name) ? [`/${root}/${name}`] : []));
  const attributes = new Map(shortened(file, `/${root}`, 'layer_names', gone));
  for (const [group, names] of innerArrays(file, root, model, remaining)) {
    leftOut.push(...[...names].map((name) => `${group}/${name}`));
    for (const [path, texts] of shortened(file, group, 'weight_names', names)) attributes.set(path, texts);
  }
  return { leftOut, attributes };
}

/** Arrays that go from groups that stay, by the group. */
function innerArrays(
  file: Hdf5File,
  root: string,
  model: LayerConfig,
  remaining: LayerConfig,
): Map<string, Set<string>> {
  const left = new Set(leavesOf(remaining, () => new Map()).map(({ path }) => path));
  const found = new Map<string, Set<string>>();
  for (const [path, datasets] of legacyWeights(file, root, model)) {
    if (left.has(path)) continue;
    for (const { name } of networkOf(remaining).layers) {
      if (!path.startsWith(`${name}/`)) continue;
      const group = `${root}/${name}`;
      const names = datasets.map((dataset) => dataset.slice(`${group}/`.length));
      found.set(`/${group}`, new Set([...(found.get(`/${group}`) ?? []), ...names]));
    }
  }
  return found;
}

/** A list of names without some of them, in as many attributes as still hold any. */
function shortened(
  file: Hdf5File,
  path: string,
  attribute: string,
  gone: ReadonlySet<string>,
): [string, readonly string[] | null][] {
  const parts = file.textParts(path, attribute);
  const lists = [...parts.values()].map((names) => names.filter((name) => !gone.has(name)));
  const filled = parts.size === 1 ? lists : lists.filter((names) => names.length > 0);
  return [...parts.keys()].map((name, i) => [attributePath(path, name), filled[i] ?? null]);
}
