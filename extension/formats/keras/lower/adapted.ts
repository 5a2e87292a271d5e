import type { Parameter } from '../../../model/parameter.ts';
import { type Builder, type Lowering, masked, type PlacedLayer, type Value } from './lowering.ts';
import { onlyAxis } from './options.ts';
import { unsupported } from './refusals.ts';

/** Keras divides by a deviation of 1e-7 at least. */
const leastVariance = 1e-14;

/**
 * Normalization: (x − mean) / deviation along an axis, or with `invert` x · deviation + mean. Mean and variance are those of the data that
 * the layer was adapted to, or stand in its configuration, where one of each may be for all values.
 */
export const normalization: Lowering = (layer, [x], builder) => {
  const invert = layer.config.invert === true;
  const given = givenStatistics(layer);
  if (given?.mean.length === 1) return masked(alike(layer, x, given, invert, builder), x);
  const statistics = given
    ? { mean: constant(layer, 'mean', given.mean), variance: constant(layer, 'variance', given.variance) }
    : { mean: builder.parameter(layer, 'mean'), variance: builder.parameter(layer, 'variance') };
  const base = {
    inputs: [x.name],
    outputs: [builder.fresh(layer)],
    origin: layer.path,
    axis: onlyAxis(layer),
  };
  const name = builder.add({
    ...base,
    op: 'BatchNormalization',
    ...(invert ? { ...inverted(statistics), epsilon: 0 } : { ...statistics, epsilon: leastVariance }),
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
  const base = { inputs: [x.name], outputs: [builder.fresh(layer)], origin: layer.path };
  return builder.add({ ...base, op: 'Activation', activation: { op: 'Affine', alpha, beta } });
}

function constant(layer: PlacedLayer, role: string, values: readonly number[]): Parameter {
  return computed(`${layer.path}/${role}`, values.length, async () => Float32Array.from(values));
}

function computed(name: string, length: number, read: () => Promise<Float32Array>): Parameter {
  return { name, shape: [length], dtype: 'float32', trainable: false, inNoArray: true, read };
}

/** x · d + m = (x − (−m / d)) / √(1 / d²). */
function inverted({ mean, variance }: Statistics<Parameter>): Statistics<Parameter> {
  const bounded = async () => (await variance.read()).map((one) => Math.max(one, leastVariance));
  const [length] = mean.shape;
  return {
    mean: computed(`${mean.name}/inverted`, length, async () => {
      const [means, variances] = [await mean.read(), await bounded()];
      return means.map((one, i) => -one / Math.sqrt(variances[i]));
    }),
    variance: computed(`${variance.name}/inverted`, length, async () =>
      (await bounded()).map((one) => 1 / one),
    ),
  };
}
