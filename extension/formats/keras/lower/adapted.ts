import type { Parameter } from '../../../model/parameter.ts';
import { type Builder, type Lowering, masked, type PlacedLayer, type Value } from './lowering.ts';
import { onlyAxis } from './options.ts';
import { unsupported } from './refusals.ts';

/** Of a deviation of 1e-7, which is the least that Keras divides by. */
const leastVariance = 1e-14;

/**
 * Normalization: (x − mean) / deviation along an axis, or with `invert` x · deviation + mean. Mean and variance are those of the
 * data that the layer was adapted to, or stand in its configuration, where one of each may be for all values.
 */
export const normalization: Lowering = (layer, [x], builder) => {
  const invert = layer.config.invert === true;
  const given = givenStatistics(layer);
  if (given?.mean.length === 1) return masked(alike(layer, x, given, invert, builder), x);
  const statistics = given
    ? { mean: constant(layer, 'mean', given.mean), variance: constant(layer, 'variance', given.variance) }
    : { mean: builder.parameter(layer, 'mean'), variance: builder.parameter(layer, 'variance') };
  const name = builder.add({
    ...builder.base(layer, x.name),
    op: 'BatchNormalization',
    axis: onlyAxis(layer),
    adapted: true,
    ...(invert ? inverted(statistics) : { ...statistics, variance: bounded(statistics.variance) }),
    epsilon: 0,
  });
  return masked(name, x);
};

interface Statistics<Of> {
  readonly mean: Of;
  readonly variance: Of;
}

/** Those in the configuration; undefined where the file holds them as weights. */
function givenStatistics(layer: PlacedLayer): Statistics<readonly number[]> | undefined {
  const { mean: written = null, variance: besides = null } = layer.config;
  if (written === null && besides === null) return undefined;
  const [mean, variance] = [numbersOf(layer, 'mean'), numbersOf(layer, 'variance')];
  if (mean.length !== variance.length || variance.some((one) => one < 0))
    throw unsupported(layer, 'variance');
  return { mean, variance };
}

/** One number, or a list of them, which may stand in lists of one. */
function numbersOf(layer: PlacedLayer, key: 'mean' | 'variance'): number[] {
  let value = layer.config[key];
  while (Array.isArray(value) && value.length === 1) [value] = value;
  const list: unknown[] = Array.isArray(value) ? value : [value];
  // Of several axes it is these that are not computed, however the numbers stand.
  if (list.length > 1) onlyAxis(layer);
  const numbers = list.filter((one) => typeof one === 'number' && Number.isFinite(one)) as number[];
  if (list.length === 0 || numbers.length < list.length) throw unsupported(layer, key);
  return numbers;
}

/** One mean and one variance for all values, whatever axis is named. */
function alike(
  layer: PlacedLayer,
  x: Value,
  { mean: [mean], variance: [variance] }: Statistics<readonly number[]>,
  invert: boolean,
  builder: Builder,
): string {
  const deviation = Math.sqrt(Math.max(variance, leastVariance));
  const [alpha, beta] = invert ? [deviation, mean] : [1 / deviation, -mean / deviation];
  return builder.add({
    ...builder.base(layer, x.name),
    op: 'Activation',
    activation: { op: 'Affine', alpha, beta },
  });
}

function constant(layer: PlacedLayer, role: string, values: readonly number[]): Parameter {
  const read = async () => Float32Array.from(values);
  return computed(`${layer.path}/${role}`, [values.length], [], read);
}

function computed(
  name: string,
  shape: readonly number[],
  madeOf: readonly Parameter[],
  read: () => Promise<Float32Array>,
): Parameter {
  return { name, shape, dtype: 'float32', trainable: false, inNoArray: true, madeOf, read };
}

function bounded(variance: Parameter): Parameter {
  const read = async () => (await variance.read()).map((one) => Math.max(one, leastVariance));
  return computed(`${variance.name}/bounded`, variance.shape, [variance], read);
}

/** x · d + m = (x − (−m / d)) / √(1 / d²). */
function inverted({ mean, variance }: Statistics<Parameter>): Statistics<Parameter> {
  const divisor = bounded(variance);
  return {
    mean: computed(`${mean.name}/inverted`, mean.shape, [mean, variance], async () => {
      const [means, variances] = [await mean.read(), await divisor.read()];
      return means.map((one, i) => -one / Math.sqrt(variances[i]));
    }),
    variance: computed(`${variance.name}/inverted`, variance.shape, [variance], async () =>
      (await divisor.read()).map((one) => 1 / one),
    ),
  };
}
