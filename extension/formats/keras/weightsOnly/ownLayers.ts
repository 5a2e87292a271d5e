import type { Message } from '../../../protocol/messages.ts';
import { type LayerConfig, networkClasses, networkOf } from '../config.ts';
import { leavesOf } from '../leaves.ts';
import { ownWithin } from '../lower/ownCode.ts';
import { cellOf } from '../recurrent.ts';
import type { ArrayGroup } from './storedArrays.ts';
import { recurrentNames } from './weightsModel.ts';

/** A layer of its author's own, at any depth of a model. */
export function ownLayerOf(model: LayerConfig): LayerConfig | undefined {
  if (!networkClasses.has(model.className)) return ownWithin(model);
  for (const layer of networkOf(model).layers) {
    const own = ownLayerOf(layer);
    if (own) return own;
  }
  return undefined;
}

/**
 * Why a model of layers is read by its arrays: layers of its author's own hold recurrent ones, which the configuration does not list, as
 * code makes them. Undefined of every other model.
 */
export function hiddenRecurrent(model: LayerConfig, groups: readonly ArrayGroup[]): Message | undefined {
  const own = ownLayerOf(model);
  const listed = leavesOf(model, () => new Map()).filter(cellOf).length;
  if (!own || recurrentNames(groups).length <= listed) return undefined;
  return { code: 'reasonOwnLayer', args: { layer: own.name, type: own.className } };
}
