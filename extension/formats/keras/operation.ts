import { isKeras3Call } from './calls.ts';
import type { Settings } from './config.ts';

/** Layers of Keras 3 that do not say whether they are trainable. */
const briefLayers: ReadonlySet<string> = new Set([
  'SpatialDropout1D',
  'SpatialDropout2D',
  'SpatialDropout3D',
]);

/** Where Keras 3 has its operations, and one that is an activation with constants of its own. */
const operationModules = ['keras.src.ops', 'keras.src.activations'];

/**
 * Whether this is one of Keras' operations and no layer. Told by its module in a `.keras` archive; an .h5 names none, but every
 * layer of Keras 3 says whether it is trainable.
 */
export function isOperation(
  className: string,
  module: unknown,
  config: Settings,
  nodes: readonly unknown[],
): boolean {
  if (briefLayers.has(className)) return false;
  if (typeof module === 'string') return operationModules.some((one) => module.startsWith(one));
  return isKeras3Call(nodes[0]) && !('trainable' in config);
}
