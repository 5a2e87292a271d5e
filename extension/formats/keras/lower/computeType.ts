import type { GraphNode } from '../../../model/graph.ts';
import { roundedLess } from '../../../model/half.ts';
import type { HalfType } from '../../../model/rounding.ts';
import type { Message } from '../../../protocol/messages.ts';
import { innerLayer, type LayerConfig } from '../config.ts';
import type { PlacedLayer } from './lowering.ts';
import { setting } from './options.ts';
import { unsupported } from './refusals.ts';
import { layersWithin } from './within.ts';

/**
 * What a layer and the layers that it wraps compute in, each type once: undefined is float32, `float16` that of the policies `float16` and
 * `mixed_float16` (Micikevicius et al. 2018). Throws layerOptionUnsupported for what Keras 3 has quantised.
 */
export function computeTypesOf(layer: PlacedLayer): (string | undefined)[] {
  const typesOf = (config: LayerConfig): (string | undefined)[] => {
    const own = otherComputeType(layer, config);
    const within = layersWithin(config).flatMap(typesOf);
    // Keras merges what the directions put out in their type; before, a cast to float32 changes nothing.
    if (config.className === 'Bidirectional' && own === undefined) return within;
    // The wrapper calls it past what would cast to its own type.
    if (config.className === 'TimeDistributed' && innerLayer(config.config)?.className === 'Dense')
      return [own];
    return [own, ...within];
  };
  return [...new Set(typesOf(layer))];
}

function otherComputeType(layer: PlacedLayer, { config: { dtype } }: LayerConfig): string | undefined {
  const { name = dtype, mode } = policyOf(dtype);
  if (mode !== undefined) throw unsupported(layer, setting('quantization', mode));
  const [, type] = /^(?:mixed_)?(float16|bfloat16|float64)$/.exec(String(name)) ?? [];
  return type;
}

/** Whether a layer that computes in this type is computed so here. */
export function isHalf(type: string | undefined): type is HalfType {
  return type === 'float16' || type === 'bfloat16';
}

/** Said of layers that are computed in halves, where there are some. */
export function computedInHalves(types: ReadonlySet<HalfType>, nodes: readonly GraphNode[]): Message[] {
  if (types.size === 0) return [];
  const args = { types: [...types].join(', ') };
  const less = roundedLess(nodes);
  return [
    { code: 'noteComputedInHalves', args },
    ...(less.length > 0 ? [{ code: 'noteRoundedLess', args: { layers: less.join(', ') } } as const] : []),
  ];
}

/** Said of layers that compute in types of their own. */
export function computedInFloat32(types: ReadonlySet<string>): Message {
  return { code: 'noteComputedInFloat32', args: { types: [...types].join(', ') } };
}

/** Keras 2 writes a type or a policy, Keras 3 a policy, which of quantised layers has the way of that, as `int8`. */
function policyOf(dtype: unknown): { readonly name?: unknown; readonly mode?: unknown } {
  return (dtype as { config?: object } | null | undefined)?.config ?? {};
}
