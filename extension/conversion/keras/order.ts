import type { KerasDescription, KerasLayer } from './description.ts';

/**
 * The layers in the order that Keras 3 gives them when it puts a functional model together (keras/src/ops/function.py, map_graph): those
 * with the longest way to an output first, and those with ways as long as they are met on the way back from the outputs. By that order the
 * weights of layers of one class are told in a file.
 */
export function inKerasOrder({ layers, outputs }: Omit<KerasDescription, 'inputs'>): KerasLayer[] {
  const byName = new Map(layers.map((layer) => [layer.name, layer]));
  const met = new Map<KerasLayer, number>();
  const finished: KerasLayer[] = [];
  // Layers are described behind those that they read, so the ways are followed by a stack of their own, not by calls.
  const open = outputs.toReversed().map(({ layer }) => ({ layer, left: false }));
  const done = new Set<KerasLayer>();
  for (let next = open.pop(); next; next = open.pop()) {
    const layer = byName.get(next.layer);
    if (!layer || done.has(layer)) continue;
    if (next.left) {
      done.add(layer);
      finished.push(layer);
      continue;
    }
    if (!met.has(layer)) met.set(layer, met.size);
    open.push({ layer: layer.name, left: true });
    for (const input of layer.inputs.toReversed()) open.push({ layer: input.layer, left: false });
  }
  const depths = new Map<KerasLayer, number>();
  for (const layer of finished.toReversed()) {
    const depth = depths.get(layer) ?? 0;
    depths.set(layer, depth);
    for (const input of layer.inputs) {
      const before = byName.get(input.layer);
      if (before) depths.set(before, Math.max(depth + 1, depths.get(before) ?? 0));
    }
  }
  const depthOf = (layer: KerasLayer) => depths.get(layer) ?? 0;
  const placeOf = (layer: KerasLayer) => met.get(layer) ?? met.size;
  return layers.toSorted((a, b) => depthOf(b) - depthOf(a) || placeOf(a) - placeOf(b));
}
