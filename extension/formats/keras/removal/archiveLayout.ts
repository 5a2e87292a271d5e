import { UserError } from '../../../protocol/userError.ts';
import type { Hdf5File } from '../../hdf5/file.ts';
import type { LayoutChanges } from '../../hdf5/rebuildable.ts';
import { containers, countedGroups, groupNamesOf } from '../archiveWeights.ts';
import { type LayerConfig, networkClasses, networkOf } from '../config.ts';
import { join } from '../leaves.ts';

/**
 * What changes in the `model.weights.h5` of a `.keras` archive when only the layers of `remaining` stay. Keras finds a layer's group by
 * counting layers of its class, so groups behind one that goes get other names. Throws shrinkUnsupported where the groups are laid out as
 * in Keras 2.12.
 * @param shownAs names the file in messages
 */
export function archiveLayout(
  file: Hdf5File,
  model: LayerConfig,
  remaining: LayerConfig,
  shownAs: string,
): LayoutChanges {
  if (file.kind(`/${containers.layers}`) !== 'group')
    throw new UserError('shrinkUnsupported', { file: shownAs }, { code: 'reasonLayersTangled', args: {} });
  const leftOut: string[] = [];
  const renamed = new Map<string, string>();
  const groupNames = groupNamesOf(file);
  const visit = (group: string, before: LayerConfig, after: LayerConfig): void => {
    const container = join(group, containers.layers);
    const layers = networkOf(before).layers;
    const left = new Map(networkOf(after).layers.map((layer) => [layer.name, layer]));
    const groups = groupNames(container, layers);
    const names = countedGroups([...left.values()]);
    for (const layer of layers) {
      const own = groups.get(layer.name);
      if (own === undefined) continue;
      const path = `/${container}/${own}`;
      const now = left.get(layer.name);
      const name = names.get(layer.name);
      if (!now || name === undefined) leftOut.push(path);
      else if (name !== own) renamed.set(path, name);
      if (now && networkClasses.has(layer.className)) visit(join(container, own), layer, now);
    }
  };
  visit('', model, remaining);
  return { leftOut, renamed };
}
