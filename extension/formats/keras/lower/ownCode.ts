import { UserError } from '../../../protocol/userError.ts';
import { nameOf } from '../activations.ts';
import type { LayerConfig } from '../config.ts';
import type { PlacedLayer } from './lowering.ts';
import { incomplete, unsupported } from './refusals.ts';
import { layersWithin } from './within.ts';

/** Why a layer is not computed: never, as it is code, or not yet. */
export function notComputed(layer: PlacedLayer): UserError {
  const { path, className: type } = layer;
  if (type === 'Lambda') return incomplete({ code: 'reasonLambda', args: { layer: path } });
  if (layer.own) return incomplete({ code: 'reasonOwnLayer', args: { layer: path, type } });
  return new UserError('layerUnsupported', { layer: path, type });
}

/** The layer itself, or what it wraps, where that is of a class of its author's own. */
export function ownWithin(layer: LayerConfig): LayerConfig | undefined {
  if (layer.own) return layer;
  for (const inner of layersWithin(layer)) {
    const own = ownWithin(inner);
    if (own) return own;
  }
  return undefined;
}

/** Functions that Keras itself has, and we have not. */
const furtherOfKeras = new Set(['glu', 'threshold', 'sparsemax']);

/** The same of an activation, by what the configuration says it is. */
export function activationNotComputed(layer: PlacedLayer, value: unknown): UserError {
  const name = nameOf(value);
  if (isFunction(value) && !furtherOfKeras.has(name))
    return incomplete({ code: 'reasonOwnActivation', args: { layer: layer.path, name } });
  return unsupported(layer, { code: 'optionActivation', args: { name } });
}

/** By its name alone, or as Keras 3 writes functions; anything else is a layer. */
function isFunction(value: unknown): boolean {
  return typeof value === 'string' || (value as { class_name?: unknown } | null)?.class_name === 'function';
}
