import type { Message } from '../protocol/messages.ts';
import { auxiliarySize, isNormalized, type RecurrentLayer } from './recurrentLayer.ts';

/** What a layer has that no format but TensorFlow Lite knows; undefined: nothing. */
export function onlyInTflite(layer: RecurrentLayer): Message | undefined {
  if (auxiliarySize(layer) > 0) return { code: 'optionAuxiliary', args: {} };
  if (layer.diagonal) return { code: 'optionDiagonal', args: {} };
  return isNormalized(layer) ? { code: 'optionNormalizedGates', args: {} } : undefined;
}
