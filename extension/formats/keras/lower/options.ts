import { type PlacedLayer, unsupported } from './lowering.ts';

/** As a configuration writes it, in no language. */
export function setting(key: string, value: unknown): string {
  return `${key}=${JSON.stringify(value) ?? 'null'}`;
}

export function wholeAxis(layer: PlacedLayer, axis: unknown): number {
  if (!Number.isSafeInteger(axis)) throw unsupported(layer, setting('axis', axis));
  return axis as number;
}

/** The axis of a layer that may name several; only one is computed. */
export function onlyAxis(layer: PlacedLayer): number {
  const { axis = -1 } = layer.config;
  const axes = Array.isArray(axis) ? axis : [axis];
  if (axes.length !== 1) throw unsupported(layer, setting('axis', axes));
  return wholeAxis(layer, axes[0]);
}
