import type { Message } from '../../../protocol/messages.ts';
import type { PlacedLayer } from './lowering.ts';
import { setting } from './options.ts';
import { unsupported } from './refusals.ts';

/**
 * What a layer computes in where that is not float32: `float16` of the policies `float16` and `mixed_float16` (Micikevicius et al. 2018).
 * Throws layerOptionUnsupported for what Keras 3 has quantised.
 */
export function otherComputeType(layer: PlacedLayer): string | undefined {
  const { dtype } = layer.config;
  const { name = dtype, mode } = policyOf(dtype);
  if (mode !== undefined) throw unsupported(layer, setting('quantization', mode));
  const [, type] = /^(?:mixed_)?(float16|bfloat16|float64)$/.exec(String(name)) ?? [];
  return type;
}

/** Said of layers that compute in types of their own. */
export function computedInFloat32(types: ReadonlySet<string>): Message {
  return { code: 'noteComputedInFloat32', args: { types: [...types].join(', ') } };
}

/** Keras 2 writes a type or a policy, Keras 3 a policy, which of quantised layers has the way of that, as `int8`. */
function policyOf(dtype: unknown): { readonly name?: unknown; readonly mode?: unknown } {
  return (dtype as { config?: object } | null | undefined)?.config ?? {};
}
