import type { Network } from '../config.ts';
import type { TensorReference } from '../references.ts';

/**
 * The first output of each call that the outputs need, in the order in which Keras 3 runs the calls: by how many stand between them and the
 * outputs, most first; a layer that is called again counts as far from them as its farthest call that was met before (map_graph). Calls
 * that make nothing but masks count like others.
 */
export function runOrder(network: Network): TensorReference[] {
  const calls = new Map(network.layers.map(({ name, calls }) => [name, calls]));
  const callOf = ({ layer, call }: TensorReference) => calls.get(layer)?.[call];
  const all = eachBehindItsInputs(network.outputs, (one) => [
    ...(callOf(one)?.inputs ?? []),
    ...(callOf(one)?.masks ?? []),
  ]);
  const needed = eachBehindItsInputs(network.outputs, (one) => callOf(one)?.inputs ?? []);

  const depths = new Map<string, number>();
  const layerDepths = new Map<string, number>();
  for (const [key, { layer, inputs }] of [...all].toReversed()) {
    const depth = Math.max(depths.get(key) ?? 0, layerDepths.get(layer) ?? 0);
    depths.set(key, depth);
    layerDepths.set(layer, depth);
    for (const input of inputs.map(keyOf)) depths.set(input, Math.max(depth + 1, depths.get(input) ?? 0));
  }
  // Of one depth in the order in which they were met: a Map keeps that, and so does sorting.
  const sorted = [...depths].sort(([, a], [, b]) => b - a);
  return sorted.flatMap(([key]) => {
    const found = needed.get(key);
    return found ? [{ layer: found.layer, call: found.call, output: 0 }] : [];
  });
}

interface Met extends Pick<TensorReference, 'layer' | 'call'> {
  readonly inputs: readonly TensorReference[];
}

/** The calls that tensors come from, each behind those that it reads. */
function eachBehindItsInputs(
  tensors: readonly TensorReference[],
  inputsOf: (one: TensorReference) => readonly TensorReference[],
): Map<string, Met> {
  const met = new Set<string>();
  const ordered = new Map<string, Met>();
  const visit = (one: TensorReference) => {
    const key = keyOf(one);
    if (met.has(key)) return;
    met.add(key);
    const inputs = inputsOf(one);
    inputs.forEach(visit);
    ordered.set(key, { layer: one.layer, call: one.call, inputs });
  };
  tensors.forEach(visit);
  return ordered;
}

function keyOf({ layer, call }: Pick<TensorReference, 'layer' | 'call'>): string {
  return JSON.stringify([layer, call]);
}
