import type { Message } from '../../../protocol/messages.ts';
import { UserError } from '../../../protocol/userError.ts';
import type { PlacedLayer } from './lowering.ts';

/** A model in which something is missing that the computation needs. */
export function incomplete(reason: Message): UserError {
  return new UserError('graphUnsupported', {}, reason);
}

/** An option of a known layer that we do not compute; text is as the configuration writes it. */
export function unsupported(layer: PlacedLayer, setting: string | Message): UserError {
  return new UserError('layerOptionUnsupported', { layer: layer.path, type: layer.className, setting });
}
