import type { ScaleName } from '../protocol/recipe.ts';
import type { Column } from './csvColumns.ts';

/**
 * The column in units fitted on its first `rows` values: minmax maps their smallest and largest to 0 and 1, standard
 * their mean and (population) standard deviation to 0 and 1. A constant column is only shifted.
 */
export function scaleColumn({ name, values }: Column, scale: ScaleName, rows: number): Column {
  if (scale === 'none') return { name, values };
  const { offset, unit } = fit(values.subarray(0, rows), scale);
  return { name, values: values.map((value) => (value - offset) / unit) };
}

function fit(values: Float64Array, scale: 'minmax' | 'standard'): { offset: number; unit: number } {
  if (scale === 'minmax') {
    const low = values.reduce((least, value) => Math.min(least, value));
    const high = values.reduce((most, value) => Math.max(most, value));
    return { offset: low, unit: high - low || 1 };
  }
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { offset: mean, unit: Math.sqrt(variance) || 1 };
}
