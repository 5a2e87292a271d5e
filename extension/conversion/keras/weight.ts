import { type Parameter, readMasked } from '../../model/parameter.ts';
import type { KerasWeight } from './description.ts';

/** A parameter that Keras keeps as it lies. */
export function weight(name: string, parameter: Parameter): KerasWeight {
  return { name, shape: parameter.shape, values: () => readMasked(parameter) };
}
