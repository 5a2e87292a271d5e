import type { Activation } from '../../../model/graph.ts';
import { type Lowering, masked, type PlacedLayer } from './lowering.ts';
import { numberOf, onlyAxis, setting } from './options.ts';
import { unsupported } from './refusals.ts';

/** A layer that is an elementwise function; masks go on. */
function elementwise(activationOf: (layer: PlacedLayer) => Activation): Lowering {
  return (layer, [x], builder) => {
    const base = builder.base(layer, x.name);
    return masked(builder.add({ ...base, op: 'Activation', activation: activationOf(layer) }), x);
  };
}

/** Keras 2 calls the slope alpha. */
export const leakyRelu = elementwise((layer) => ({
  op: 'LeakyRelu',
  alpha: numberOf(layer, 'alpha' in layer.config ? 'alpha' : 'negative_slope', 0.3),
}));

export const elu = elementwise((layer) => ({ op: 'Elu', alpha: numberOf(layer, 'alpha', 1) }));

export const thresholdedRelu = elementwise((layer) => ({
  op: 'ThresholdedRelu',
  alpha: numberOf(layer, 'theta', 1),
}));

/** With a largest value, or a slope below 0, but not with both or with a threshold. */
export const relu = elementwise((layer) => {
  const { max_value: largest = null } = layer.config;
  const slope = numberOf(layer, 'negative_slope', 0);
  const threshold = numberOf(layer, 'threshold', 0);
  if (threshold !== 0) throw unsupported(layer, setting('threshold', threshold));
  if (largest === null) return slope === 0 ? { op: 'Relu' } : { op: 'LeakyRelu', alpha: slope };
  if (slope !== 0) throw unsupported(layer, setting('negative_slope', slope));
  const beta = numberOf(layer, 'max_value', 0);
  if (beta < 0) throw unsupported(layer, setting('max_value', beta));
  return { op: 'Clip', alpha: 0, beta };
});

export const prelu: Lowering = (layer, [x], builder) => {
  const base = builder.base(layer, x.name);
  return masked(builder.add({ ...base, op: 'PRelu', slope: builder.parameter(layer, 'alpha') }), x);
};

/** Of each step by itself, whose second axis from the end may be the batch. */
export const softmaxOfStep: Lowering = (layer, inputs, builder) => {
  const axis = onlyAxis(layer);
  if (axis < -1) throw unsupported(layer, setting('axis', axis));
  return softmax(layer, inputs, builder);
};

/** A mask of the steps would be one of the features to Keras, which fits none of them. */
export const softmax: Lowering = (layer, [x], builder) => {
  const axis = onlyAxis(layer);
  if (axis === 0) throw unsupported(layer, setting('axis', axis));
  if (x.mask !== undefined) throw unsupported(layer, { code: 'optionMaskedAlong', args: { axis: -1 } });
  return { name: builder.add({ ...builder.base(layer, x.name), op: 'Softmax', axis }) };
};
