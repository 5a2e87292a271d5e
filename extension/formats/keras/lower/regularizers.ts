import type { Message } from '../../../protocol/messages.ts';

/** Where a configuration has further ones, of what a wrapper or an RNN holds. */
const inner: ReadonlySet<string> = new Set(['layer', 'backward_layer', 'cell', 'cells', 'config']);

/**
 * Whether a layer, or one inside it, adds a penalty to the loss: a configuration of Keras writes it under `kernel_regularizer` and the like, with
 * strengths `l1` and `l2`.
 */
export function isRegularized(config: object): boolean {
  return Object.entries(config).some(([key, value]) => {
    if (key.endsWith('_regularizer')) return typeof value === 'string' || (value && hasStrength(value));
    const further = inner.has(key) ? [value].flat() : [];
    return further.some((one) => one && typeof one === 'object' && isRegularized(one));
  });
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
