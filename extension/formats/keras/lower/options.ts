import type { PlacedLayer } from './lowering.ts';
import { unsupported } from './refusals.ts';

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

/** More than any layer means, and few enough to compute. */
const mostSteps = 1 << 20;

/** A whole number from 1, which Keras may write as a list of one. */
export function stepCount(layer: PlacedLayer, key: string, absent?: number): number {
  const written = layer.config[key] ?? absent;
  const value = Array.isArray(written) && written.length === 1 ? written[0] : written;
  if (!(Number.isSafeInteger(value) && value >= 1 && value <= mostSteps))
    throw unsupported(layer, setting(key, written));
  return value;
}

/** Steps at both ends, from 0: one number for both or two. */
export function stepPair(layer: PlacedLayer, key: string): [before: number, after: number] {
  const written = layer.config[key] ?? 1;
  const [before, after, ...more] = Array.isArray(written) ? written : [written, written];
  const fits = [before, after].every((n) => Number.isSafeInteger(n) && n >= 0 && n <= mostSteps);
  if (!fits || more.length > 0) throw unsupported(layer, setting(key, written));
  return [before, after];
}

/** Layers over steps take x [B,T,C]. */
export function channelsLast(layer: PlacedLayer): void {
  const { data_format: format } = layer.config;
  if (format === 'channels_first') throw unsupported(layer, setting('data_format', format));
}

/** A number of the configuration, or the one that the layer has without it. */
export function numberOf(layer: PlacedLayer, key: string, absent: number): number {
  const value = layer.config[key] ?? absent;
  if (typeof value !== 'number' || !Number.isFinite(value)) throw unsupported(layer, setting(key, value));
  return value;
}
