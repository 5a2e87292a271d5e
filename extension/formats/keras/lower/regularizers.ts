import type { Message } from '../../../protocol/messages.ts';
import type { LayerConfig } from '../config.ts';
import { layersWithin } from './within.ts';

/**
 * Whether a layer, or one inside it, adds a penalty to the loss: by a regularizer, which a configuration of Keras writes under
 * `kernel_regularizer` and the like with strengths `l1` and `l2`, or as an ActivityRegularization, which has these itself.
 */
export function isRegularized(layer: LayerConfig): boolean {
  const { className, config } = layer;
  if (className === 'ActivityRegularization') return hasStrength({ config });
  const own = Object.entries(config).filter(([key]) => key.endsWith('_regularizer'));
  if (own.some(([, value]) => typeof value === 'string' || (value && hasStrength(value)))) return true;
  return layersWithin(layer).some(isRegularized);
}

/** Not where all strengths are 0. What an author's own regularizer does is not known, so it counts. */
function hasStrength(regularizer: { readonly config?: unknown }): boolean {
  const { config = regularizer } = regularizer;
  const strengths = Object.values(config ?? {}).filter((value) => typeof value === 'number');
  return strengths.length === 0 || strengths.some((strength) => strength !== 0);
}

/** Said of layers whose penalties are not part of the loss here. */
export function penaltiesLeftOut(layers: ReadonlySet<string>): Message {
  return { code: 'noteRegularizers', args: { layers: [...layers].join(', ') } };
}
