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
  return stepCounts(layer, key, 1, absent)[0];
}

/** Whole numbers from 1, one for each of so many axes; Keras may write one for all. */
export function stepCounts(layer: PlacedLayer, key: string, axes: number, absent?: number): number[] {
  const written = layer.config[key] ?? absent;
  const values =
    Array.isArray(written) && written.length > 1 ? written : Array(axes).fill([written].flat()[0]);
  const fits = values.every((value) => Number.isSafeInteger(value) && value >= 1 && value <= mostSteps);
  if (!fits || values.length !== axes) throw unsupported(layer, setting(key, written));
  return values;
}

/** Steps at both ends, from 0: one number for both or two. */
export function stepPair(layer: PlacedLayer, key: string): [before: number, after: number] {
  const written = layer.config[key] ?? 1;
  const [before, after, ...more] = Array.isArray(written) ? written : [written, written];
  if (!isSteps(before) || !isSteps(after) || more.length > 0) throw unsupported(layer, setting(key, written));
  return [before, after];
}

/** Whether a value is a number of steps that may be put at an end or taken from it. */
export function isSteps(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= mostSteps;
}

/** Layers over steps take x [B,T,C], those over images [B,H,W,C]; of these Keras 1 says so otherwise. */
export function channelsLast(layer: PlacedLayer): void {
  const { data_format: format, dim_ordering: ordering } = layer.config;
  if (format === 'channels_first') throw unsupported(layer, setting('data_format', format));
  if (ordering === 'th') throw unsupported(layer, setting('dim_ordering', ordering));
}

/** A number of the configuration, or the one that the layer has without it. */
export function numberOf(layer: PlacedLayer, key: string, absent: number): number {
  const value = layer.config[key] ?? absent;
  if (typeof value !== 'number' || !Number.isFinite(value)) throw unsupported(layer, setting(key, value));
  return value;
}
