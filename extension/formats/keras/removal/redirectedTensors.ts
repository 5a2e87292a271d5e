import type { ValueName } from '../../../model/graph.ts';
import type { Redirection } from '../../../model/removal.ts';
import { type LayerConfig, type Network, networkClasses, networkOf } from '../config.ts';
import { join } from '../leaves.ts';
import { tensorKey } from '../lower/lowering.ts';
import type { TensorReference } from '../references.ts';

/** In the network at a path, by `tensorKey` of what was read: what is read in its place. */
export type TensorRedirections = ReadonlyMap<string, TensorReference>;

/** What the tensors of a configuration are in the graph, by `tensorKey`. */
type Values = ReadonlyMap<string, ValueName>;

/**
 * Says redirections of values by the tensors of a configuration.
 * @returns undefined for those that it has no way to say, such as where both values do not lie in one network
 */
export function redirectedTensors(
  model: LayerConfig,
  values: Values,
  redirections: readonly Redirection[],
): TensorRedirections | undefined {
  const networks = networksOf(model, '');
  const found = new Map<string, TensorReference>();
  for (const { from, to } of redirections) {
    // The outermost network first, so that a nested one of which nothing stays goes whole.
    const place = networks
      .map((network) => placeOf(network, values, from, to))
      .find((one) => one !== undefined);
    if (!place) return undefined;
    found.set(place.key, place.to);
  }
  return found;
}

interface PlacedNetwork {
  readonly path: string;
  readonly network: Network;
}

/** A network and those nested in it, outer ones first. */
function networksOf(model: LayerConfig, path: string): PlacedNetwork[] {
  const network = networkOf(model);
  const nested = network.layers.filter(({ className }) => networkClasses.has(className));
  return [{ path, network }, ...nested.flatMap((layer) => networksOf(layer, join(path, layer.name)))];
}

/** Where a network makes the value `from` of one that it knows as `to`. */
function placeOf(
  { path, network }: PlacedNetwork,
  values: Values,
  from: ValueName,
  to: ValueName,
): { key: string; to: TensorReference } | undefined {
  const layers = new Map(network.layers.map((layer) => [layer.name, layer]));
  const inputsOf = ({ layer, call }: TensorReference) => layers.get(layer)?.calls[call]?.inputs ?? [];
  const valueAt = (tensor: TensorReference) => values.get(tensorKey(path, tensor));
  // Layers that only act while training hand a value on: it is the first of them that makes it, and the last that is read.
  const made = tensorsOf(network).find(
    (tensor) => valueAt(tensor) === from && !inputsOf(tensor).some((input) => valueAt(input) === from),
  );
  if (!made) return undefined;
  const reached = [made];
  const seen = new Set<string>();
  for (const tensor of reached) {
    if (valueAt(tensor) === to) return { key: tensorKey(path, made), to: tensor };
    for (const input of inputsOf(tensor)) {
      const key = tensorKey(path, input);
      if (!seen.has(key)) reached.push(input);
      seen.add(key);
    }
  }
  return undefined;
}

/** All that the layers of a network read, and what it puts out. */
function tensorsOf({ layers, outputs }: Network): TensorReference[] {
  return [...layers.flatMap(({ calls }) => calls.flatMap(({ inputs }) => inputs)), ...outputs];
}
